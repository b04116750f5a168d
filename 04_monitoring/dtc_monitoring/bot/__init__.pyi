from .bot import SegmentBot as SegmentBot
from .bot_replies import Desk as Desk
from .counter import Counter as Counter
