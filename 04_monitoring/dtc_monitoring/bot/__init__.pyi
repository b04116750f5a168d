from .bot import PersonaBot as PersonaBot
from .bot_replies import Desk as Desk
