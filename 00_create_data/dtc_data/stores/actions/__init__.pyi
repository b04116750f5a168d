from .expressions import Expression as Expression
from .potential import store_potential as store_potential
from .rules import ActionRule as ActionRule
from .rules import load_action_rules as load_action_rules
from .rules import recommend_actions as recommend_actions
