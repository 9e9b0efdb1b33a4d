//! The program: hands its arguments to the library, and its exit code to the system.

use prodpath::cli::{Terminal, run};
use std::io::IsTerminal;
use std::process::ExitCode;

fn main() -> ExitCode {
    let stdout = std::io::stdout();
    let width = stdout.is_terminal().then(|| terminal_size::terminal_size_of(&stdout)).flatten();
    let choice = anstream::AutoStream::choice(&stdout);
    let terminal = Terminal { width: width.map(|(w, _)| usize::from(w.0)), color: choice != anstream::ColorChoice::Never };
    // Colours are settled above and by `--color`; this only makes old Windows consoles show them.
    let mut out = anstream::AutoStream::always(stdout.lock());
    ExitCode::from(run(std::env::args_os(), &mut out, &mut std::io::stderr().lock(), terminal))
}
