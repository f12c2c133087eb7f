#!/usr/bin/env python3
"""The Axelrod library as the peer of bench_iterated: the same strategies, rounds and noise.

Every pair of AllC, AllD, TFT, GTFT, WSLS, grim, random, itself included, plays matches of 200
rounds with noise 0.05; then the library's Q-learner plays itself and tit for tat without noise.
Only Match.play() is timed, in CPU seconds: no tournament book-keeping, no analysis.

usage: iterated_axelrod.py [MATCHES] -> one line of key=value pairs
"""
import itertools
import sys
import time

import axelrod as axl

ROUNDS = 200


def turns_per_second(pairs, noise, matches):
    game = axl.Game(r=3, s=0, t=5, p=1)
    turns = 0
    seconds = 0.0
    for seed in range(matches):
        for first, second in pairs:
            match = axl.Match((first(), second()), turns=ROUNDS, noise=noise, game=game, seed=seed + 1)
            start = time.process_time()
            match.play()
            seconds += time.process_time() - start
            turns += 2 * ROUNDS
    return turns / seconds


def main():
    matches = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    fixed = [axl.Cooperator, axl.Defector, axl.TitForTat, axl.GTFT, axl.WinStayLoseShift,
             axl.Grudger, axl.Random]
    pairs = list(itertools.combinations_with_replacement(fixed, 2))
    learners = [(axl.RiskyQLearner, axl.RiskyQLearner), (axl.RiskyQLearner, axl.TitForTat)]
    turns_per_second(pairs, 0.05, 1)  # the library loads what it needs
    fixed_rate = turns_per_second(pairs, 0.05, matches)
    learner_rate = turns_per_second(learners, 0.0, 5 * matches)
    print(f"peer=axelrod version={axl.__version__} fixed_agent_turns_per_s={fixed_rate:.0f} "
          f"learner_agent_turns_per_s={learner_rate:.0f}")


main()
