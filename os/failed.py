"""What went wrong, for whoever called: said in one sentence, without a trace."""


class Failed(Exception):
    pass
