"""Why a step of a deployment may be refused: one error for each rule, nearly all of the family *not allowed*.

>>> RankTooLow("authorise.authority: inspector is below superintendent").exit_code
4
"""

from __future__ import annotations

from countersign.errors import NotAllowed, WrongForm


class SubjectWrong(
    NotAllowed,
    next_step="Name the force (force-a) for what is about the programme, force-a/deployment for a deployment.",
):
    """An entry about a force is given for a deployment, or the other way round, or for another force."""


class RolesConflict(
    NotAllowed, next_step="Have another person, with a key of their own, take this step; nothing was written."
):
    """One key does what two different people must do."""


class RankTooLow(NotAllowed, next_step="Have an officer of at least the rank named decide; nothing was written."):
    """The officer's rank is below what the force's own policy asks."""


class PolicyMissing(
    NotAllowed,
    code="force-policy-missing",
    next_step="Enter the policy first: `countersign deployment enter programme.policy`.",
):
    """No policy of the force is on the record, or not the one named."""


class NotInPolicy(
    NotAllowed,
    next_step="Keep to the policy's own lists and numbers, or enter a new version of it and, before the authority, "
    "correct the proposal to name it.",
):
    """What is asked for is outside the force's own policy."""


class CovertRefused(
    NotAllowed, next_step="Covert use needs a separate statutory authority and has no place in this record."
):
    """A deployment that is not overt."""


class MoratoriumStands(
    NotAllowed,
    next_step="Wait until it ends, or ask the body that imposed it to lift it (one heard by a note: to sign a note "
    "with an end); nobody in the force can.",
):
    """An outside body has imposed a moratorium that has not ended."""


class FindingsUnanswered(
    NotAllowed,
    next_step="Answer each about what it is about (`countersign deployment answer` or `dispute`; of the force, "
    "`countersign deployment enter LOG review.answer PAPER`), or sign an override that names them.",
):
    """A reviewer's findings were not answered by the day they ask for."""


class NotTheSame(NotAllowed, next_step="Look at `countersign deployment status` for what stands, then refer to that."):
    """An entry refers to another that is not there, or is not the one that stands."""


class ListNotAllowed(
    NotAllowed, next_step="Build the list again within the authority and the policy; nothing was written."
):
    """A watchlist is too long, too old, used before, out of its categories, or its totals do not come out."""


class LimitsExceeded(NotAllowed, next_step="Keep to the limit named, or have a new authority signed."):
    """A threshold or ceiling is laxer than the policy, the authority or the declared limits."""


class OutsideProposal(
    NotAllowed, next_step="Authorise what was proposed or less; propose and assess a wider deployment anew."
):
    """An authority is for a place, a time or cameras that were not proposed, and so never weighed."""


class OutsideWindow(NotAllowed, next_step="Keep to the windows; a longer one needs a fresh authority and a notice."):
    """A step is taken outside the windows of the authority and notice, or the windows themselves are no windows."""


class WindowsOverlap(NotAllowed, next_step="Give each unit one deployment at a time."):
    """Two windows of one deployment, or of one unit in two deployments, overlap."""


class DutyUnmet(
    NotAllowed, next_step="Meet the duties named, or have the person who may take it on sign an override for them."
):
    """A duty that bars this step is not met or not shown, and nobody has signed for going ahead."""


class AlertOutOfOrder(WrongForm, next_step="Correct the particulars named; nothing was written."):
    """An alert's particulars contradict themselves: one person counted as two, or an end before a start."""
