//! PowerShell and cmd.exe scripts, read command by command without a tree
//! (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_parsing>,
//! <https://learn.microsoft.com/windows-server/administration/windows-commands/windows-commands>).

use super::outputs::printed_values;
use super::tokens::{Joint, Segment, Token, segments};
use super::translate::{Around, Sink};
use super::words::Source;
use super::{Dialect, Shell};
use crate::catalogue::{Inner, WrapKind};
use crate::model::{Command, Confidence, Expr, Item, Logic, Scope, Wrapper};
use crate::source::Text;

/// Wrappers around one command that are followed.
const MAX_WRAPPERS: usize = 8;

/// The items of a script.
pub(super) fn items(text: &Text, shell: &Shell, around: &Around, out: &mut Vec<Item>) {
    let source = Source { text, masked: shell.masked };
    let segments = segments(&source, shell.dialect);
    let lines = Lines { source, shell: *shell, around };
    for (i, segment) in segments.iter().enumerate() {
        let piped = segments.get(i + 1).filter(|n| n.joint == Joint::Pipe);
        let mut logic = around.logic;
        logic.in_loop |= segment.logic.in_loop;
        logic.polling |= segment.logic.polling;
        logic.conditional |= segment.logic.conditional;
        logic.piped_in |= segment.joint == Joint::Pipe;
        logic.piped_out |= piped.is_some();
        logic.fallback |= segment.joint == Joint::Or;
        let sink = sink(&segment.tokens).or_else(|| sink(&piped?.tokens));
        lines.segment(segment, logic, sink, out);
    }
}

struct Lines<'a> {
    source: Source<'a>,
    shell: Shell<'a>,
    around: &'a Around,
}

impl Lines<'_> {
    fn segment(&self, segment: &Segment, mut logic: Logic, sink: Option<Sink>, out: &mut Vec<Item>) {
        let mut tokens = segment.tokens.as_slice();
        if self.shell.dialect == Dialect::Cmd {
            tokens = cmd_prefix(tokens, &mut logic);
        }
        let called = tokens.first().is_some_and(|t| t.is("&") || t.is("."));
        if called {
            tokens = &tokens[1..];
        }
        if let Some((name, value)) = self.assignment(tokens) {
            if is_command(value, false) && !is_text(value) {
                logic.captured = true;
                self.command(value, logic, None, out);
                out.push(Item::Assign { name, value: Expr::Unknown("output of a command".to_owned()) });
            } else {
                let expr = match value {
                    [one] => one.expr.clone(),
                    _ => Expr::Unknown("an expression".to_owned()),
                };
                out.push(Item::Assign { name, value: expr });
            }
            return;
        }
        if is_command(tokens, called) {
            self.command(tokens, logic, sink, out);
        }
    }

    /// `$x = value`, `$env:X = value`, `set X=value`
    fn assignment<'t>(&self, tokens: &'t [Token]) -> Option<(String, &'t [Token])> {
        let first = tokens.first()?;
        if self.shell.dialect == Dialect::PowerShell {
            let Expr::Var(name) = &first.expr else { return None };
            return tokens.get(1).filter(|t| t.is("=")).map(|_| (name.clone(), &tokens[2..]));
        }
        None
    }

    fn command(&self, tokens: &[Token], logic: Logic, sink: Option<Sink>, out: &mut Vec<Item>) {
        let mut tokens: Vec<Token> = tokens.to_vec();
        let mut wrappers = self.around.wrappers.clone();
        if let Some(at) = tokens.iter().position(|t| t.is(">") || t.is(">>") || t.is("2>") || t.is("2>&1")) {
            tokens.truncate(at);
        }
        let place = match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => first.range.start..last.range.end,
            _ => return,
        };
        if self.own_word(&tokens, out) {
            return;
        }
        let arguments: Vec<Expr> = tokens.iter().skip(1).map(|t| t.expr.clone()).collect();
        if tokens.first().is_some_and(|t| ["echo", "write-host", "write-output"].iter().any(|w| t.is(w))) || is_text(&tokens) {
            let arguments = if is_text(&tokens) { vec![tokens[0].expr.clone()] } else { arguments };
            let spaced = arguments.into_iter().enumerate().flat_map(|(i, e)| match i {
                0 => vec![e],
                _ => vec![Expr::lit(" "), e],
            });
            let flat = spaced.flat_map(|e| if let Expr::Concat(all) = e { all } else { vec![e] });
            printed_values(&Expr::concat(flat.collect()), sink, out);
            if is_text(&tokens) {
                return;
            }
        }
        for _ in 0..MAX_WRAPPERS {
            let shown: Vec<String> = tokens.iter().map(|t| t.expr.eval(&Scope::default()).shown()).collect();
            let Some(unwrap) = self.shell.catalogue.wrapper(&shown) else { break };
            let (Inner::Words(from) | Inner::Shell(from)) = unwrap.inner else { break };
            if from == 0 || from >= tokens.len() {
                break;
            }
            let subject = unwrap.subject.and_then(|i| tokens.get(i));
            let subject = subject.map_or_else(|| Expr::Unknown(unwrap.name.clone()), |t| t.expr.clone());
            wrappers.push(match unwrap.kind {
                WrapKind::Plain => Wrapper::Plain(unwrap.name.clone()),
                WrapKind::Remote => Wrapper::Remote(subject),
                WrapKind::Container => Wrapper::Container(subject),
                WrapKind::ComposeService => Wrapper::ComposeService(subject),
                WrapKind::Pod => Wrapper::Pod(subject),
            });
            tokens.drain(..from);
            if matches!(unwrap.inner, Inner::Shell(_)) {
                tokens = tokens.into_iter().flat_map(split).collect();
            }
        }
        let span = self.around.at.unwrap_or_else(|| self.source.text.span(place.clone()));
        if matches!(tokens.first().map(|t| &t.expr), Some(Expr::Unknown(_)) | None) {
            out.push(Item::Unknown { span, why: "a program that only the run knows".to_owned() });
            return;
        }
        out.push(Item::Command(Box::new(Command {
            word_spans: tokens.iter().map(|t| self.source.text.span(t.range.clone())).collect(),
            words: tokens.into_iter().map(|t| t.expr).collect(),
            span,
            text: self.source.one_line(&place),
            wrappers,
            assigns: Vec::new(),
            stdin: None,
            reads: None,
            writes: None,
            logic,
            confidence: Confidence::Likely,
        })));
    }

    /// Whether the command is one of the shell's own that changes what follows; its items are added.
    fn own_word(&self, tokens: &[Token], out: &mut Vec<Item>) -> bool {
        let Some((program, rest)) = tokens.split_first() else { return false };
        let Some(name) = program.expr.literal().map(str::to_ascii_lowercase) else { return false };
        match name.as_str() {
            "cd" | "chdir" | "pushd" | "set-location" | "push-location" | "sl" => {
                let target = rest.iter().find(|t| !t.is("/d") && !t.expr.literal().is_some_and(|l| l.starts_with('-')));
                if let Some(target) = target {
                    let kept = matches!(name.as_str(), "pushd" | "push-location");
                    out.push(if kept { Item::Pushd(target.expr.clone()) } else { Item::Chdir(target.expr.clone()) });
                }
            }
            "popd" | "pop-location" => out.push(Item::Popd),
            "set" if self.shell.dialect == Dialect::Cmd => {
                let parts = rest.iter().enumerate().flat_map(|(i, t)| match i {
                    0 => vec![t.expr.clone()],
                    _ => vec![Expr::lit(" "), t.expr.clone()],
                });
                let flat = parts.flat_map(|e| if let Expr::Concat(all) = e { all } else { vec![e] });
                if let Some((name, value)) = super::commands::named(&Expr::concat(flat.collect())) {
                    out.push(Item::Assign { name: format!("env.{}", name.trim()), value });
                }
            }
            _ => return false,
        }
        true
    }
}

/// Whether tokens are one quoted text, which PowerShell prints.
fn is_text(tokens: &[Token]) -> bool {
    matches!(tokens, [one] if one.quoted)
}

/// Where the text of a command with these tokens goes.
fn sink(tokens: &[Token]) -> Option<Sink> {
    let writes = |t: &Token| [">", ">>", "out-file", "add-content", "tee-object"].iter().any(|w| t.is(w));
    if !tokens.iter().any(writes) {
        return None;
    }
    tokens.iter().find_map(|t| match &t.expr {
        Expr::Var(name) if name == "env.GITHUB_OUTPUT" => Some(Sink::Outputs),
        Expr::Var(name) if name == "env.GITHUB_ENV" => Some(Sink::Variables),
        _ => None,
    })
}

/// Whether tokens are a command: they begin with a bare word, or with anything after the call operator.
fn is_command(tokens: &[Token], called: bool) -> bool {
    const KEYWORDS: &[&str] = &[
        "if", "else", "elseif", "foreach", "for", "while", "do", "until", "switch", "try", "catch", "finally", "function",
        "param", "return", "begin", "process", "end", "throw", "in", "exit", "break", "continue", "using", "class", "goto",
        "setlocal", "endlocal", "default", "not",
    ];
    let Some(first) = tokens.first() else { return false };
    if called {
        return true;
    }
    if first.quoted {
        // A quoted text is printed where it stands alone, and begins an expression where an operator follows.
        return tokens.len() == 1 || tokens.get(1).is_some_and(|t| t.is(">>") || t.is(">"));
    }
    match &first.expr {
        Expr::Lit(text) => {
            let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | '/' | '\\' | '_'));
            let assigned = tokens.get(1).is_some_and(|t| t.is("=") || t.is("+="));
            starts && !assigned && !KEYWORDS.contains(&text.to_ascii_lowercase().as_str())
        }
        Expr::Concat(parts) => parts.first().is_some_and(|p| p.literal().is_some_and(|t| !t.starts_with(['-', '[', '@']))),
        Expr::Var(_) => false,
        _ => first.masked,
    }
}

/// The command of a cmd.exe line after `@`, `call`, `if CONDITION` and `for … do`.
fn cmd_prefix<'t>(mut tokens: &'t [Token], logic: &mut Logic) -> &'t [Token] {
    for _ in 0..MAX_WRAPPERS {
        let Some(first) = tokens.first() else { return tokens };
        if first.is("call") || first.is("else") {
            logic.conditional |= first.is("else");
            tokens = &tokens[1..];
        } else if first.is("if") {
            logic.conditional = true;
            let mut rest = &tokens[1..];
            while rest.first().is_some_and(|t| t.is("/i") || t.is("not")) {
                rest = &rest[1..];
            }
            let taken = match rest.first() {
                Some(t) if ["exist", "defined", "errorlevel"].iter().any(|w| t.is(w)) => 2,
                _ if rest.get(1).is_some_and(|t| ["==", "equ", "neq", "lss", "leq", "gtr", "geq"].iter().any(|w| t.is(w))) => 3,
                _ => 1,
            };
            tokens = rest.get(taken..).unwrap_or_default();
        } else if first.is("for") {
            logic.in_loop = true;
            let at = tokens.iter().position(|t| t.is("do"));
            tokens = at.map_or(&[][..], |at| &tokens[at + 1..]);
        } else if first.is("do") {
            logic.in_loop = true;
            tokens = &tokens[1..];
        } else {
            return tokens;
        }
    }
    tokens
}

/// The words of a literal token.
fn split(token: Token) -> Vec<Token> {
    match token.expr.literal() {
        Some(text) if text.contains(' ') => {
            let words = text.split_whitespace();
            words.map(|w| Token { expr: Expr::lit(w), quoted: false, masked: false, range: token.range.clone() }).collect()
        }
        _ => vec![token],
    }
}
