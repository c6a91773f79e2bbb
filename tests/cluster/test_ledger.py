"""Which photo has killed the processes that looked at a block."""

from __future__ import annotations

from harcli.cluster.ledger import Ledger, given_up, hopeless


def test_a_photo_is_given_up_when_three_processes_have_died() -> None:
    ledger = Ledger()
    assert ledger.begin("a") == (0, {})  # all photos at once; it dies
    before, deaths = ledger.begin("a")
    assert (before, deaths) == (1, {})
    for number in (0, 1):
        assert not given_up(number, before, deaths)
        ledger.at("a", number)
    before, deaths = ledger.begin("a")  # it died with photo 1
    assert (before, deaths) == (2, {1: 1})
    assert not given_up(1, before, deaths)
    ledger.at("a", 1)
    before, deaths = ledger.begin("a")
    assert (before, deaths) == (3, {1: 2})
    assert given_up(1, before, deaths)
    assert not given_up(0, before, deaths)


def test_each_of_two_such_photos_is_given_up() -> None:
    ledger = Ledger()
    lost, killers, attempts = set(), {3, 7}, 0
    before, deaths = ledger.begin("a")
    while not lost >= killers:
        attempts += 1
        before, deaths = ledger.begin("a")
        for number in sorted(range(10), key=lambda number: (-deaths.get(number, 0), number)):
            if given_up(number, before, deaths):
                lost.add(number)
                continue
            ledger.at("a", number)
            if number in killers:
                break
    assert lost == killers
    assert attempts <= 6


def test_a_node_that_goes_does_not_count_against_the_photo_it_was_at() -> None:
    ledger = Ledger()
    ledger.begin("a")
    ledger.begin("a")
    ledger.at("a", 4)
    before, deaths = ledger.begin("a")
    assert not given_up(4, before, deaths)


def test_what_is_done_is_forgotten() -> None:
    ledger = Ledger()
    ledger.begin("a")
    ledger.done("a")
    assert ledger.begin("a") == (0, {})


def test_a_block_that_fails_without_a_photo_is_given_up_in_the_end() -> None:
    ledger = Ledger()
    attempts = 0
    while not hopeless(*ledger.begin("a")):
        ledger.at("a", 1)
        ledger.past("a")
        attempts += 1
    assert attempts == 10
