"""The names of the package for editors and type checkers; __init__.py loads them when they are asked for."""

from .engine import VectorEnv as VectorEnv
from .engine import environments as environments
from .engine import vector_env as vector_env
from .events import convert
from .figures import sections as sections
from .figures.schelling import schelling as schelling
from .gymnasium_env import gym_env as gym_env
from .gymnasium_env import gym_vec as gym_vec
from .library import MarlError as MarlError
from .own_env import player as player
from .page import report as report
from .paper import plot as plot
from .paper import save as save
from .pettingzoo_env import parallel_env as parallel_env
from .policy import Policy as Policy
from .policy import load_policy as load_policy
from .programs import compare as compare
from .programs import evaluate as evaluate
from .programs import simulate as simulate
from .programs import train as train
from .power_law import Law as Law
from .power_law import predict as predict
from .moderation import moderators as moderators
from .film import render as render
from .run import Run as Run
from .run import RunError as RunError
from .run import open_run
from .stable_baselines import sb3_vec as sb3_vec
from .table import collect as collect
from .view import serve as serve

open = open_run
tensorboard = convert

__version__: str
