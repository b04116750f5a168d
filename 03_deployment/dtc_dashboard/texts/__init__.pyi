from .language import LANGUAGES as LANGUAGES
from .language import NONE as NONE
from .language import SAID as SAID
from .language import Texts as Texts
from .language import texts_in as texts_in
