from __future__ import annotations

import threading
import time
import uuid

import pytest

from tools.dist import turn as turn_module
from tools.dist.published import Published
from tools.dist.turn import read_published, take_turn
from tools.errors import UserError
from tools.store.objects import open_objects

FIRST, SECOND = Published(stored={"a": "1"}), Published(stored={"a": "1", "b": "2"})


@pytest.fixture
def store():
    return open_objects(f"memory://{uuid.uuid4()}")


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """Time that passes in sleeps only."""
    now = [1000.0]
    monkeypatch.setattr(turn_module, "_clock", lambda: now[0])
    monkeypatch.setattr(turn_module, "_sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def test_a_turn_continues_from_what_the_last_one_saved(store):
    with take_turn(store, waiting=print) as turn:
        assert turn.published == Published()
        turn.save(FIRST)

    with take_turn(store, waiting=print) as turn:
        assert turn.published == FIRST


def test_what_a_failed_turn_saved_is_kept_and_nobody_waits_for_it(store):
    waited = []

    def fail():
        with take_turn(store, waiting=waited.append) as turn:
            turn.save(FIRST)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with take_turn(store, waiting=waited.append) as turn:
        assert (turn.published, waited) == (FIRST, [])


def test_the_manifest_can_be_read_without_a_turn(store):
    assert read_published(store) == Published()
    with take_turn(store, waiting=print) as turn:
        turn.save(FIRST)
        assert read_published(store) == FIRST


def test_the_second_waits_until_the_first_is_done(store):
    order, waited = [], []
    inside = threading.Event()

    def first():
        with take_turn(store, waiting=print) as turn:
            inside.set()
            time.sleep(0.3)
            turn.save(FIRST)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait()
    with take_turn(store, look=0.02, waiting=waited.append) as turn:
        order.append("second")
        assert turn.published == FIRST
    thread.join()

    assert order == ["first", "second"]
    assert len(waited) == 1
    assert waited[0].startswith("process ")


def test_the_dead_are_not_waited_for_for_ever(store, clock):
    dead = take_turn(store, waiting=print)
    dead.__enter__().save(FIRST)

    with take_turn(store, waiting=print, patience=60) as following:
        assert following.published == FIRST
        assert clock[0] == 1060


def test_a_heartbeat_keeps_others_waiting(store, clock, monkeypatch):
    alive = take_turn(store, waiting=print)
    turn = alive.__enter__()
    beats = iter([turn.beat] * 200)

    def sleep(seconds):
        clock[0] += seconds
        next(beats, lambda: None)()

    monkeypatch.setattr(turn_module, "_sleep", sleep)
    with take_turn(store, waiting=print, patience=60):
        assert clock[0] == 1000 + 200 + 60


def test_who_was_taken_for_dead_writes_nothing_more(store, clock):
    frozen = take_turn(store, waiting=print)
    turn = frozen.__enter__()
    with take_turn(store, waiting=print, patience=60) as following:
        following.save(SECOND)

        with pytest.raises(UserError) as caught:
            turn.save(FIRST)

    assert str(caught.value) == (
        f"{store.url}: no sign of life could be written for 60 s, so another publisher may be at work;"
        " run again, it continues"
    )
    assert read_published(store) == SECOND


def test_who_was_taken_for_dead_during_its_last_write_says_so(store, clock, monkeypatch):
    monkeypatch.setattr(turn_module.Turn, "beat", lambda turn: None)  # none arrives

    def publish():
        with take_turn(store, waiting=print) as turn:
            turn.save(FIRST)
            with take_turn(store, waiting=print) as other:  # when it has waited for long enough
                other.save(SECOND)

    with pytest.raises(UserError) as caught:
        publish()

    assert str(caught.value) == (
        f"{store.url}: another publisher took this one for dead, since no sign of life arrived in time; "
        "run again, it continues"
    )
    assert read_published(store) == SECOND


def test_who_was_frozen_before_the_first_heartbeat_writes_nothing(store, clock, monkeypatch):
    create = store.create

    def freeze(name, content):
        made = create(name, content)
        clock[0] += 60
        return made

    monkeypatch.setattr(store, "create", freeze)
    monkeypatch.setattr(turn_module.Turn, "beat", lambda self: None)

    with pytest.raises(UserError, match="no sign of life could be written for 120 s"):
        take_turn(store, waiting=print).__enter__()


def test_a_publisher_that_died_before_its_first_manifest_is_skipped(store, clock):
    with take_turn(store, waiting=print) as turn:
        turn.save(FIRST)
    store.create(".publication/00000002.txt", b"died at once")

    with take_turn(store, waiting=print) as turn:
        assert turn.published == FIRST


def test_a_lost_hint_only_costs_looks(store):
    for published in (FIRST, SECOND):
        with take_turn(store, waiting=print) as turn:
            turn.save(published)
    store.remove(".publication/current.json")

    assert read_published(store) == SECOND


@pytest.mark.parametrize("hint", [b"{", b"99999999", b"-5", b'"1"', b"\xff", b"2"])
def test_a_damaged_hint_only_costs_looks(store, hint):
    for published in (FIRST, FIRST, SECOND):
        with take_turn(store, waiting=print) as turn:
            turn.save(published)
    store.write(".publication/current.json", hint)

    assert read_published(store) == SECOND


def test_old_manifests_are_removed(store):
    for _ in range(4):
        with take_turn(store, waiting=print) as turn:
            turn.save(FIRST)

    assert [store.read(f".publication/0000000{number}.json") is None for number in (1, 2, 3, 4)] == [True] * 3 + [False]


def test_who_reads_while_others_publish_takes_no_removed_manifest_for_an_empty_index(store):
    with take_turn(store, waiting=print) as turn:
        turn.save(FIRST)
    read, others = store.read, iter([SECOND])

    def publish_meanwhile(name):
        if name.endswith("1.json") and (published := next(others, None)):
            with take_turn(open_objects(store.url), waiting=print) as turn:
                turn.save(published)
        return read(name)

    vars(store)["read"] = publish_meanwhile

    assert read_published(store) == SECOND


def test_a_store_that_creates_twice_is_refused(store):
    def overwrite(name, content):
        store.write(name, content)
        return True

    class Careless:
        url, read, write, create = store.url, store.read, store.write, staticmethod(overwrite)

    with pytest.raises(UserError) as caught, take_turn(Careless(), waiting=print):
        pass

    assert str(caught.value) == f"{store.url}: this store lets a file be created twice; publishing to it is not safe"


def test_a_damaged_manifest_is_named(store):
    with take_turn(store, waiting=print):
        pass
    store.write(".publication/00000001.json", b"{")

    with pytest.raises(UserError) as caught:
        read_published(store)

    assert str(caught.value) == (f"{store.url}/.publication/00000001.json: is damaged: Input data was truncated")


def test_many_at_once_lose_nothing(store):
    def add(number):
        with take_turn(store, look=0.02, waiting=lambda _: None) as turn:
            turn.save(Published(stored={**turn.published.stored, str(number): "x"}))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(read_published(store).stored) == [str(number) for number in range(6)]
