from .agreement import Agreement as Agreement
from .agreement import Difference as Difference
from .agreement import FeatureEffect as FeatureEffect
from .agreement import compare_with_vendor as compare_with_vendor
from .agreement_tables import print_agreement as print_agreement
