from .vgg import *
from .lenet import *
from .mobilenet import *
from .efficientnet import *
