"""Letters to fill in, beside a deployment's page: request for access, complaint, request for what is not shown.

They are those of ``countersign ask``, in plain text, with day and place filled in where the notice gives them and all
else left in square brackets, under the law of the profile the site is written for. Nothing is sent: a reader copies
them.

>>> NAMES[0]
('access-request.txt', 'Ask what is held about you')
"""

from __future__ import annotations

from countersign.reviews.deployment.assemble import DeploymentReview
from countersign.rulebook.asking import open_of
from countersign.rulebook.letters import complaint, request_for_access, request_for_information
from countersign.site.facts import PublicDeployment

#: File and what the link to it says.
NAMES = (
    ("access-request.txt", "Ask what is held about you"),
    ("complaint.txt", "Complain"),
    ("request-for-information.txt", "Ask the force for what it has not shown (freedom of information)"),
)
DAY = "[date of your letter]"


def letters(
    review: DeploymentReview, where: dict[str, str], code: str, *, profile: str, mark: str = ""
) -> dict[str, bytes]:
    """The letters by file name; ``where`` fills blanks (``[day]``, ``[place]``). None asks where nothing is open.

    ``profile`` is whose law they name, ``mark`` what stands above all else of each. Raises ``ProfileUnknown``.
    """
    model = review.model
    raw = {
        "title": model.title,
        "duties": [{"id": one.id, "state": one.state} for one in model.duties],
        "not_shown": [{"what": one.what, "because": one.because} for one in model.not_shown],
    }
    found = open_of(raw, code)
    about = f"deployment {review.evidence.subject}, short code {code}"
    texts = {
        "access-request.txt": request_for_access(about=about, day=DAY, profile=profile),
        "complaint.txt": complaint(about=about, day=DAY, profile=profile),
    }
    if found.wanted:
        texts["request-for-information.txt"] = request_for_information(
            found.wanted, about=about, day=DAY, profile=profile
        )
    for blank, value in where.items():
        texts = {name: text.replace(blank, value) for name, text in texts.items()}
    above = f"{mark}\n\n" if mark else ""
    return {name: f"{above}{text}".encode() for name, text in texts.items()}


def blanks(one: PublicDeployment) -> dict[str, str]:
    """The blanks that the notice of a deployment fills."""
    known = {"[day]": one.day if one.state.windows else None, "[place]": one.state.place}
    return {blank: value for blank, value in known.items() if value}
