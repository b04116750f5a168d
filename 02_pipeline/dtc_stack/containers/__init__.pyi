from .docker_commands import docker as docker
