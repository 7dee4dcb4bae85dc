"""The git hooks by which git drives zenrepo: put in beside others, taken out, looked at, proved to fire."""

from zenrepo.git.hooks.inspector import PROOF, HookStatus, prove, status
from zenrepo.git.hooks.installer import AT_WORK, HOOKS, install, uninstall, wanted

__all__ = ["AT_WORK", "HOOKS", "PROOF", "HookStatus", "install", "prove", "status", "uninstall", "wanted"]
