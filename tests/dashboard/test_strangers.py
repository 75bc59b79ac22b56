"""The attacks of benchmarks/attack.py on names, pages, tokens and links: every fifth here, all of them there."""

from benchmarks.attacks.strangers import attempts


def test_no_stranger_comes_in_and_no_link_is_read() -> None:
    tried = list(attempts(every=5, only=""))
    assert len(tried) > 150 and not [attempt for attempt in tried if attempt[2]]
