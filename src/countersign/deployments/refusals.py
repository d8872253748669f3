"""Why a step of a deployment may be refused: one error for each rule, nearly all of the family *not allowed*.

>>> RankTooLow("authorise.authority: inspector is below superintendent").exit_code
4
"""

from __future__ import annotations

from countersign.errors import NotAllowed, WrongForm


class SubjectWrong(NotAllowed):
    """An entry about a force is given for a deployment, or the other way round, or for another force."""

    code = "subject-wrong"
    next_step = "Name the force (force-a) for what is about the programme, force-a/deployment for a deployment."


class RolesConflict(NotAllowed):
    """One key does what two different people must do."""

    code = "roles-conflict"
    next_step = "Have another person, with a key of their own, take this step; nothing was written."


class RankTooLow(NotAllowed):
    """The officer's rank is below what the force's own policy asks."""

    code = "rank-too-low"
    next_step = "Have an officer of at least the rank named decide; nothing was written."


class PolicyMissing(NotAllowed):
    """No policy of the force is on the record, or not the one named."""

    code = "force-policy-missing"
    next_step = "Enter the policy first: `countersign deployment enter programme.policy`."


class NotInPolicy(NotAllowed):
    """What is asked for is outside the force's own policy."""

    code = "not-in-policy"
    next_step = "Keep to the policy's own lists and numbers, or enter a new version of the policy."


class CovertRefused(NotAllowed):
    """A deployment that is not overt."""

    code = "covert-refused"
    next_step = "Covert use needs a separate statutory authority and has no place in this record."


class MoratoriumStands(NotAllowed):
    """An outside body has imposed a moratorium that has not ended."""

    code = "moratorium-stands"
    next_step = (
        "Wait until it ends, or ask the body that imposed it to lift it (one heard by a note: to sign a note with an "
        "end); nobody in the force can."
    )


class FindingsUnanswered(NotAllowed):
    """A reviewer's findings were not answered by the day they ask for."""

    code = "findings-unanswered"
    next_step = (
        "Answer each about what it is about (`countersign deployment answer`; of the force, `countersign deployment "
        "enter LOG review.answer PAPER`), or sign an override that names them."
    )


class NotTheSame(NotAllowed):
    """An entry refers to another that is not there, or is not the one that stands."""

    code = "not-the-same"
    next_step = "Look at `countersign deployment status` for what stands, then refer to that."


class ListNotAllowed(NotAllowed):
    """A watchlist is too long, too old, used before, out of its categories, or its totals do not come out."""

    code = "list-not-allowed"
    next_step = "Build the list again within the authority and the policy; nothing was written."


class LimitsExceeded(NotAllowed):
    """A threshold or ceiling is laxer than the policy, the authority or the declared limits."""

    code = "limits-exceeded"
    next_step = "Keep to the limit named, or have a new authority signed."


class OutsideProposal(NotAllowed):
    """An authority is for a place, a time or cameras that were not proposed, and so never weighed."""

    code = "outside-proposal"
    next_step = "Authorise what was proposed or less; propose and assess a wider deployment anew."


class OutsideWindow(NotAllowed):
    """A step is taken outside the windows of the authority and notice, or the windows themselves are no windows."""

    code = "outside-window"
    next_step = "Keep to the windows; a longer one needs a fresh authority and a notice."


class WindowsOverlap(NotAllowed):
    """Two windows of one deployment, or of one unit in two deployments, overlap."""

    code = "windows-overlap"
    next_step = "Give each unit one deployment at a time."


class DutyUnmet(NotAllowed):
    """A duty that bars this step is not met or not shown, and nobody has signed for going ahead."""

    code = "duty-unmet"
    next_step = "Meet the duties named, or have whoever may take it on sign an override for them."


class AlertOutOfOrder(WrongForm):
    """An alert's particulars contradict themselves: one person counted as two, or an end before a start."""

    code = "alert-out-of-order"
    next_step = "Correct the particulars named; nothing was written."
