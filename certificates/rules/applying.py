"""Of whom a requirement is asked: of everybody, or only of who holds one of some posts on the day that is judged. Pure.

Who holds two posts is asked what either of them is asked; who holds none is asked only what everybody is, since what is
asked of posts is the work that is done in them.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from certificates.rules.known import Post

if TYPE_CHECKING:
    from certificates.rules.standing import Asked


def is_asked(only_positions: Collection[str], posts: Iterable[Post], on: date) -> bool:
    """``only_positions``: the codes of the positions of which it is asked, none where it is asked of everybody."""
    return not only_positions or any(post.position in only_positions and post.is_held(on) for post in posts)


def parted_by_posts(
    asked: tuple["Asked", ...], posts: Collection[Post], on: date
) -> tuple[tuple["Asked", ...], tuple["Asked", ...]]:
    """What is asked of somebody with these posts, and what is not. A choice group asks for no more than is left of it."""
    # Asked of ten thousand people at a time: where everything is asked of everybody it costs a look at each.
    for requirement in asked:
        if requirement.only_positions:
            break
    else:
        return asked, ()
    applying = [requirement for requirement in asked if is_asked(requirement.only_positions, posts, on)]
    left_out = tuple(requirement for requirement in asked if not is_asked(requirement.only_positions, posts, on))
    smaller = {requirement.group for requirement in left_out if requirement.group}
    left = Counter(requirement.group for requirement in applying)
    return (
        tuple(
            replace(requirement, group_needs=min(requirement.group_needs, left[requirement.group]))
            if requirement.group in smaller
            else requirement
            for requirement in applying
        ),
        left_out,
    )
