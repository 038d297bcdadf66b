"""Processes for races and crashes, forked off one that has imported the program: that takes two seconds."""

from __future__ import annotations

import multiprocessing

processes = multiprocessing.get_context("forkserver")
# Never from the tests' own process: its threads and connections must not be inherited.
processes.set_forkserver_preload(["custodyfinder.worker", "tests.services.racers", "tests.services.crashing"])
