@rem Where npm runs scripts by cmd.exe: stands for the exec of sh, by which signals to npm reach Node.js itself.
@%*
