"""What a worker says arrives, whatever an action returns or raises."""

from __future__ import annotations

import pickle
import threading

from tools.errors import UserError
from tools.workers.messages import Counted, Raised, Returned, encode, raised
from tools.workers.progress import Counts


def arrived(message):
    return pickle.loads(encode(message))


def failed(error: Exception) -> Raised:
    try:
        raise error
    except Exception as caught:
        return arrived(raised(caught))


def test_counts_and_results_arrive():
    assert arrived(Counted(Counts(bytes_read=3))) == Counted(Counts(bytes_read=3))
    assert arrived(Returned({"a": 1})) == Returned({"a": 1})


def test_a_user_error_arrives_as_it_is():
    error = failed(UserError("a sentence")).error

    assert (type(error), str(error), getattr(error, "__notes__", [])) == (UserError, "a sentence", [])


def test_a_file_that_cannot_be_used_keeps_its_name():
    error = failed(FileNotFoundError(2, "No such file", "x")).error

    assert (type(error), error.filename, error.strerror) == (FileNotFoundError, "x", "No such file")


def test_a_bug_brings_its_traceback():
    error = failed(KeyError("bug")).error

    assert isinstance(error, KeyError)
    assert error.__notes__[0].startswith("In a worker process:\nTraceback (most recent call last):")


def test_a_result_that_cannot_be_sent_is_an_error():
    error = arrived(Returned(threading.Lock())).error

    assert str(error) == "the result of an action cannot be sent: cannot pickle '_thread.lock' object"


def test_an_error_that_cannot_be_sent_is_told_in_words():
    class Odd(Exception):
        pass

    error = failed(Odd("words")).error

    assert (type(error), str(error)) == (RuntimeError, "Odd: words")
    assert "In a worker process" in error.__notes__[0]
