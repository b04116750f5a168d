from .expressions import Expression as Expression
from .potential import store_potential as store_potential
from .recommendations import recommend_actions as recommend_actions
from .recommendations import recommend_for_archetypes as recommend_for_archetypes
from .rule_file import ActionRule as ActionRule
from .rule_file import ActionRules as ActionRules
from .rule_file import ArchetypeRule as ArchetypeRule
from .rule_file import load_action_rules as load_action_rules
