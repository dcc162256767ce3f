"""A policy as the lines of an assistant's file."""

import json

from workbench.analysis.policies import Policy
from workbench.conversation.leading import LeadSettings


def policy_yaml(policy: Policy) -> str:
    """Return the ``early`` and ``endpointing`` groups of an assistant's file, and ``lead`` if it is set."""
    early, ends = policy.early, policy.endpointing
    groups = {
        "early": {
            "enabled": str(early.enabled).lower(),
            "confidence": f"{early.confidence:g}",
            "stability": f"{early.stability:g}",
            "end_of_turn": f"{early.end_of_turn:g}",
            "silence": f"{early.silence:g}",
            "starts_max": f"{early.starts_max}",
        },
        "endpointing": {
            "hangover_min": f"{ends.hangover_min:g}",
            "hangover_max": f"{ends.hangover_max:g}",
            "sure": f"{ends.sure:g}",
            "unknown": f"{ends.unknown:g}",
            "pause_margin": f"{ends.pause_margin:g}",
            "patience": f"{ends.patience:g}",
            "pace": f"{ends.pace:g}",
            "long": f"{ends.long:g}",
            "yes_no": f"{ends.yes_no:g}",
            "choice": f"{ends.choice:g}",
            "date": f"{ends.date:g}",
            "list": f"{ends.list:g}",
            "longest_turn": f"{ends.turn_max:g}",
        },
    }
    if policy.lead != LeadSettings():
        groups["lead"] = {
            "prefixes": json.dumps(policy.lead.prefixes, ensure_ascii=False),
            "prefix_confidence": f"{policy.lead.prefix_confidence:g}",
            "sentences": str(policy.lead.sentences).lower(),
            "clauses": f"{policy.lead.clauses}",
            "confidence": f"{policy.lead.confidence:g}",
            "further_confidence": f"{policy.lead.further_confidence:g}",
        }
    lines = []
    for group, settings in groups.items():
        lines += [f"{group}:", *(f"  {name}: {value}" for name, value in settings.items())]
    return "\n".join(lines) + "\n"
