from django.db import models

from benchmarks.peers.asked import Stated


class Request(Stated):
    mobile = models.CharField(max_length=11, unique=True)
    password = models.CharField(max_length=160)
