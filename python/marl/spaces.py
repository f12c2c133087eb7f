"""What an agent sees and may do, as Gymnasium's spaces.

An agent of one role has that role's observation and action as they are. An agent of several roles
(select, play, punish) has, so that its spaces never change,

- the observation of the widest role, then the role as one of n (all 0 where it does not decide),
- the choices of the widest role, of which the mask says how many count now; where roles do not agree
  in kind, a dictionary with an entry a role, of which the one counts that the agent is in.

Where choices can be illegal, an observation is a dictionary of `observation` and `action_mask`.
"""

import numpy as np
from gymnasium import spaces


def check_mode(render_mode, modes, name):
    """Raises ValueError unless the environment can render so."""
    if render_mode is not None and render_mode not in modes:
        known = f"expected one of {', '.join(modes)}" if modes else "it renders nothing"
        raise ValueError(f"render_mode '{render_mode}' of environment '{name}': {known}")


class AgentSpaces:
    """The spaces of one agent, and the way between them and rows of a batch. `masked`: the environment
    itself rules choices out."""

    def __init__(self, roles, masked):
        self.roles = roles
        self.several = len(roles) > 1
        self.width = max(role.obs_dim for role in roles)
        self.mixed = not (self._all_discrete() or self._same_box())
        self.choices = () if self.mixed or not roles[0].discrete else self._widest_choices()
        self.masked = bool(self.choices) and (masked or any(role.choices != self.choices for role in roles))
        size = self.width + (len(roles) if self.several else 0)
        self.vector = spaces.Box(-np.inf, np.inf, (size,), np.float32)
        self.observation = self.vector
        if self.masked:
            legal = spaces.Box(0, 1, (sum(self.choices),), np.int8)
            self.observation = spaces.Dict({"observation": self.vector, "action_mask": legal})
        self.action = (spaces.Dict({role.name: _action_space(role) for role in roles}) if self.mixed
                       else self._joint_action())
        self.nothing = np.zeros(sum(self.choices), np.int8)  # the mask of who does not decide
        for at in np.cumsum((0, *self.choices[:-1])) if self.choices else ():
            self.nothing[at] = 1

    def _all_discrete(self):
        return all(role.discrete for role in self.roles)

    def _same_box(self):
        first = self.roles[0]
        return all(not role.discrete and (role.act_dim, role.low, role.high) == (first.act_dim, first.low, first.high)
                   for role in self.roles)

    def _widest_choices(self):
        depth = max(role.act_dim for role in self.roles)
        return tuple(max(role.choices[i] for role in self.roles if i < role.act_dim) for i in range(depth))

    def _joint_action(self):
        if self.choices:
            return spaces.Discrete(self.choices[0]) if len(self.choices) == 1 else spaces.MultiDiscrete(self.choices)
        return _action_space(self.roles[0])

    def vectors(self, rows, role, active):
        """What agents see: rows [N, O] of the batch with their roles [N] and who decides [N], as a new array."""
        seen = np.zeros((len(rows), self.vector.shape[0]), np.float32)
        for number, kind in enumerate(self.roles):
            of = np.flatnonzero(active & (role == number))
            seen[of, :kind.obs_dim] = rows[of, :kind.obs_dim]
            if self.several:
                seen[of, self.width + number] = 1
        return seen

    def legal(self, role, active, mask=None):
        """Which choices are legal [N, M'], of who waits choice 0: mask [N, M] is the environment's own, if it has one."""
        legal = np.tile(self.nothing, (len(role), 1))
        for number, kind in enumerate(self.roles):
            of = np.flatnonzero(active & (role == number))
            to = at = 0
            for widest, count in zip(self.choices, kind.choices):  # of further components any number will do: 0
                legal[of, to:to + widest] = 0
                legal[of, to:to + count] = 1 if mask is None else mask[of, at:at + count]
                to, at = to + widest, at + count
        return legal

    def observe(self, rows, role, active, mask=None):
        """Observations of agents, a list with an entry an agent, copied."""
        seen = self.vectors(rows, role, active)
        if not self.masked:
            return list(seen)
        return [{"observation": vector, "action_mask": legal}
                for vector, legal in zip(seen, self.legal(role, active, mask))]

    def act(self, action, role, row):
        """Write an action of the space into the row [U] of an agent that decides in `role`."""
        kind = self.roles[role]
        if self.mixed:
            action = action[kind.name]
        values = np.asarray(action, np.float32).reshape(-1)
        if len(values) < kind.act_dim:
            raise ValueError(f"an action of role '{kind.name}' has {kind.act_dim} components, not {len(values)}")
        row[:kind.act_dim] = values[:kind.act_dim]


    def act_all(self, actions, role, rows):
        """Write actions of agents [N, ...], or a dictionary of them by role, into their rows [N, U]."""
        if not self.mixed:
            rows[...] = _as_rows(actions, len(rows), self.action)
            return
        for number, kind in enumerate(self.roles):
            of = np.flatnonzero(role == number)
            rows[of, :kind.act_dim] = _as_rows(actions[kind.name], len(rows), self.action[kind.name])[of]


def _as_rows(actions, count, space):
    actions, expected = np.asarray(actions), (count, *space.shape)
    if actions.shape != expected:
        raise ValueError(f"actions have shape {actions.shape}, expected {expected}")
    return actions.reshape(count, -1)


def _action_space(role):
    if not role.discrete:
        return spaces.Box(role.low, role.high, (role.act_dim,), np.float32)
    return spaces.Discrete(role.choices[0]) if role.act_dim == 1 else spaces.MultiDiscrete(role.choices)
