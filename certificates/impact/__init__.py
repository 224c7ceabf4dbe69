"""Impact previews: what a change of the rules does, by name and branch, before it is saved."""
