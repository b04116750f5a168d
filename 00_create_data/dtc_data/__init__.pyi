from .catalogue import Catalogue as Catalogue
from .catalogue import Feature as Feature
from .catalogue import Segment as Segment
from .catalogue import load_catalogue as load_catalogue
from .core import Wave as Wave
