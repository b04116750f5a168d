from .checked_lines import CheckedLines as CheckedLines
from .line_rules import RULES as RULES
from .line_rules import Rule as Rule
from .line_rules import Treatment as Treatment
from .quality_report import PlainFigures as PlainFigures
from .quality_report import Problem as Problem
from .quality_report import QualityReport as QualityReport
