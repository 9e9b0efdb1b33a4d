//! Simple commands: wrappers taken off, shells inside followed, the shell's own words understood.

use super::translate::{Around, Input, Translator, enclose, text};
use super::words::{Decoded, Fill, Known, Variables};
use super::{Dialect, Shell, snippet};
use crate::catalogue::{Inner, Unwrap, WrapKind};
use crate::model::{Block, BlockKind, Command, Confidence, Expr, HOLE, Item, Scope, Wrapper};
use crate::source::Span;
use crate::syntax::shell::{Part, PartKind, Redirect, Simple, Statement, Word};
use std::borrow::Cow;
use std::rc::Rc;

/// Wrappers around one command, and shells inside shells, that are followed.
const MAX_WRAPPERS: usize = 8;

/// Numbered arguments that are told apart.
const ARGUMENTS: usize = 9;

/// A command while its wrappers are taken off.
struct Call<'w> {
    words: Vec<Cow<'w, Word>>,
    assigns: Vec<(String, Expr)>,
    wrappers: Vec<Wrapper>,
    /// The place that a container's call gives to what runs inside.
    at: Option<Span>,
    input: Option<Rc<Input>>,
}

impl Translator<'_, '_, '_> {
    /// A simple command.
    pub(super) fn simple(&mut self, statement: &Statement, simple: &Simple, around: &Around, out: &mut Vec<Item>) {
        for assignment in &simple.assignments {
            for word in assignment.value.words() {
                self.substitutions(&word.parts, around, out);
            }
        }
        let targets = statement.redirects.iter().map(Redirect::word);
        for word in simple.words.iter().chain(targets) {
            self.substitutions(&word.parts, around, out);
        }
        if simple.words.is_empty() {
            return;
        }
        let around = &self.redirected(statement, around);
        let assigns = simple.assignments.iter().filter_map(|a| match a.value.words() {
            [word] => Some((format!("env.{}", a.name), self.expr(word))),
            _ => None,
        });
        let mut call = Call {
            assigns: assigns.collect(),
            words: self.expanded(&simple.words),
            wrappers: around.wrappers.clone(),
            at: around.at,
            input: around.input.clone(),
        };
        if !self.unwrap(statement, &mut call, around, out) || self.own_word(&call, statement, around, out) {
            return;
        }
        self.outputs(&call.words, around, out);
        self.emit(statement, call, around, out);
    }

    /// The words, with literal variables taken apart that are more than one word (`$COMPOSE up`), or none (`$SUDO x`).
    fn expanded<'w>(&self, words: &'w [Word]) -> Vec<Cow<'w, Word>> {
        let mut out: Vec<Cow<Word>> = Vec::new();
        for (i, word) in words.iter().enumerate() {
            match self.known_fields(word) {
                Some(fields) if i == 0 || fields.len() != 1 => out.extend(fields.into_iter().map(|text| {
                    let part = Part { range: word.range.clone(), kind: PartKind::Literal(text), quoted: false };
                    Cow::Owned(Word { range: word.range.clone(), parts: vec![part] })
                })),
                _ => out.push(Cow::Borrowed(word)),
            }
        }
        out
    }

    /// Take the wrappers off; false: what is inside was a shell's and is done.
    fn unwrap(&mut self, statement: &Statement, call: &mut Call, around: &Around, out: &mut Vec<Item>) -> bool {
        for _ in 0..MAX_WRAPPERS {
            let shown: Vec<String> = call.words.iter().map(|w| self.shown(w)).collect();
            if let Some(input) = script_input(&shown, call.input.as_ref()) {
                self.shell_inside(&input.script, statement, call, around, &[], out);
                return false;
            }
            if let Some(at) = script_word(&shown) {
                let script = self.decoded(&call.words[at..=at]);
                // After the script stand its name and its arguments.
                let arguments: Vec<Expr> = call.words.iter().skip(at + 2).map(|w| self.expr(w)).collect();
                call.wrappers.push(Wrapper::Plain(program_name(&shown[0]).to_owned()));
                self.shell_inside(&script, statement, call, around, &arguments, out);
                return false;
            }
            let Some(unwrap) = self.shell.catalogue.wrapper(&shown) else { return true };
            let starts_with = entrypoint(&unwrap, &call.words);
            if matches!(unwrap.kind, WrapKind::Container | WrapKind::ComposeService | WrapKind::Pod) && call.at.is_none() {
                let inside = !matches!(unwrap.inner, Inner::None) || starts_with.is_some();
                call.at = inside.then(|| self.span(&statement.range));
            }
            if let (Some(at), None) = (service_script(&unwrap, &shown), &starts_with) {
                let script = self.decoded(&call.words[at..=at]);
                self.wrap(&unwrap, call);
                self.shell_inside(&script, statement, call, around, &[], out);
                return false;
            }
            match (unwrap.inner, starts_with) {
                (Inner::Words(from), starts_with) if from > 0 && from < call.words.len() => {
                    self.wrap(&unwrap, call);
                    call.words.splice(..from, starts_with.unwrap_or_default());
                }
                (Inner::None, Some(starts_with)) => {
                    self.wrap(&unwrap, call);
                    call.words = starts_with;
                }
                (Inner::Shell(from), _) if from > 0 && from < call.words.len() => {
                    let script = self.decoded(&call.words[from..]);
                    self.wrap(&unwrap, call);
                    self.shell_inside(&script, statement, call, around, &[], out);
                    return false;
                }
                (Inner::Value { word, from }, _) if word > 0 && word < call.words.len() => {
                    // `--command='x'`: the script is what follows the option's name in the word.
                    let script = self.decoded(&call.words[word..=word]);
                    let script = if from == 0 { script } else { script.after(from) };
                    self.wrap(&unwrap, call);
                    self.shell_inside(&script, statement, call, around, &[], out);
                    return false;
                }
                _ => {
                    let input = call.input.clone().filter(|_| unwrap.kind == WrapKind::Remote);
                    let Some(input) = input else { return true };
                    self.wrap(&unwrap, call);
                    self.shell_inside(&input.script, statement, call, around, &[], out);
                    return false;
                }
            }
        }
        true
    }

    /// Keep what a wrapper says.
    fn wrap(&self, unwrap: &Unwrap, call: &mut Call) {
        let subject = unwrap.subject.and_then(|i| call.words.get(i));
        let subject = subject.map_or_else(|| Expr::Unknown(unwrap.name.clone()), |w| self.expr(w));
        for word in unwrap.assigns.iter().filter_map(|i| call.words.get(*i)) {
            if let Some((name, value)) = named(&self.expr(word)) {
                call.assigns.push((format!("env.{name}"), value));
            }
        }
        call.wrappers.push(match unwrap.kind {
            WrapKind::Plain => Wrapper::Plain(unwrap.name.clone()),
            WrapKind::Remote => Wrapper::Remote(subject),
            WrapKind::Container => Wrapper::Container(subject),
            WrapKind::ComposeService => Wrapper::ComposeService(subject),
            WrapKind::Pod => Wrapper::Pod(subject),
        });
    }

    /// Words as the catalogue reads them.
    fn shown(&self, word: &Word) -> String {
        self.expr(word).eval(&Scope::default()).shown()
    }

    fn decoded(&self, words: &[Cow<Word>]) -> Decoded {
        self.source.decode(words.iter().map(AsRef::as_ref), Fill::Mask, &self.state.variables, &self.shell)
    }

    /// What these words feed to a command.
    pub(super) fn input_of<'w>(&self, words: impl IntoIterator<Item = &'w Word> + Clone) -> Rc<Input> {
        let none = Variables::new();
        let data = self.source.decode(words.clone(), Fill::Hole, &none, &self.shell);
        let script = self.source.decode(words, Fill::Mask, &self.state.variables, &self.shell);
        Rc::new(Input { data: data.text, script })
    }

    /// A script inside a command.
    fn shell_inside(
        &mut self,
        script: &Decoded,
        statement: &Statement,
        call: &Call,
        around: &Around,
        arguments: &[Expr],
        out: &mut Vec<Item>,
    ) {
        let span = self.span(&statement.range);
        if self.state.shells >= MAX_WRAPPERS {
            out.push(Item::Unknown { span, why: "too many shells inside shells".to_owned() });
            return;
        }
        let inner = Around {
            wrappers: call.wrappers.clone(),
            at: call.at,
            input: call.input.clone().filter(|i| i.script.text != script.text),
            ..around.clone()
        };
        let powershell = call.wrappers.last().is_some_and(|w| matches!(w, Wrapper::Plain(n) if n == "pwsh" || n == "powershell"));
        let dialect = if powershell { Dialect::PowerShell } else { Dialect::Posix };
        let shell = Shell { masked: &script.masked, arguments, dialect, ..self.shell };
        let mut items: Vec<Item> =
            call.assigns.iter().map(|(name, value)| Item::Assign { name: name.clone(), value: value.clone() }).collect();
        if dialect == Dialect::Posix {
            self.state.program.snippets.push(snippet(&script.text, &Shell { vendor: None, ..shell }, true));
        }
        self.state.shells += 1;
        text(&script.text, &shell, self.state, &inner, &mut items);
        self.state.shells -= 1;
        enclose(items, span, out);
    }

    // ---- the shell's own words ----

    /// Whether the command is one of the shell's own that changes what follows; its items are added.
    fn own_word(&mut self, call: &Call, statement: &Statement, around: &Around, out: &mut Vec<Item>) -> bool {
        let Some(program) = call.words.first().and_then(|w| w.literal()) else { return false };
        let words: Vec<&Word> = call.words.iter().map(AsRef::as_ref).collect();
        let rest = &words[1..];
        match program.as_str() {
            "cd" | "chdir" => out.push(Item::Chdir(self.directory(rest))),
            "pushd" => out.push(Item::Pushd(self.directory(rest))),
            "popd" => out.push(Item::Popd),
            "source" | "." => match rest.first() {
                Some(file) => out.push(Item::Source { path: self.expr(file), span: self.span(&statement.range) }),
                None => return false,
            },
            "eval" => self.eval(rest, statement, call, around, out),
            "read" | "mapfile" | "readarray" => {
                for name in rest.iter().filter_map(|w| w.literal()).filter(|n| is_name(n)) {
                    self.learn(&name, Known::Various, around);
                    out.push(Item::Assign { name: format!("env.{name}"), value: Expr::Unknown(program.clone()) });
                }
            }
            "unset" => {
                for name in rest.iter().filter_map(|w| w.literal()).filter(|n| is_name(n)) {
                    self.learn(&name, Known::Various, around);
                    out.push(Item::Assign { name: format!("env.{name}"), value: Expr::lit("") });
                }
            }
            "shift" => shift(rest.first().and_then(|w| w.literal()).as_deref(), out),
            "set" if rest.first().and_then(|w| w.literal()).as_deref() == Some("--") => {
                let values: Vec<Expr> = rest[1..].iter().map(|w| self.expr(w)).collect();
                arguments(&values, out);
            }
            "trap" => return self.trap(rest, statement, call, around, out),
            "test" => {}
            _ => return false,
        }
        true
    }

    fn directory(&self, words: &[&Word]) -> Expr {
        let target = words.iter().find(|w| !w.literal().is_some_and(|t| t.starts_with('-') && t.len() > 1));
        match target.map(|w| self.expr(w)) {
            Some(expr) => expr,
            None => Expr::Var("env.HOME".to_owned()),
        }
    }

    /// `eval`: literal words are read; what a command printed sets variables and was seen; the rest is unknown.
    fn eval(&mut self, words: &[&Word], statement: &Statement, call: &Call, around: &Around, out: &mut Vec<Item>) {
        let printed = |w: &&Word| w.parts.iter().all(|p| matches!(p.kind, PartKind::Substitution(_)));
        if words.iter().all(|w| w.literal().is_some()) {
            let words: Vec<Cow<Word>> = words.iter().map(|w| Cow::Borrowed(*w)).collect();
            let script = self.decoded(&words);
            let shell = Shell { masked: &script.masked, ..self.shell };
            if self.state.shells < MAX_WRAPPERS {
                let inner = Around { wrappers: call.wrappers.clone(), at: call.at, ..around.clone() };
                self.state.shells += 1;
                text(&script.text, &shell, self.state, &inner, out);
                self.state.shells -= 1;
                return;
            }
        } else if words.iter().all(printed) {
            return;
        }
        out.push(Item::Unknown { span: self.span(&statement.range), why: "eval of a value that only the run knows".to_owned() });
    }

    /// `trap 'commands' SIGNAL…`: on `ERR` after a failure, on `EXIT` at the end.
    fn trap(&mut self, words: &[&Word], statement: &Statement, call: &Call, around: &Around, out: &mut Vec<Item>) -> bool {
        let Some((action, signals)) = words.split_first() else { return false };
        let Some(script) = action.literal().filter(|t| !t.is_empty() && !t.starts_with('-')) else { return false };
        let signals: Vec<String> = signals.iter().filter_map(|w| w.literal()).collect();
        if script.is_empty() || self.state.shells >= MAX_WRAPPERS {
            return false;
        }
        let decoded = self.decoded(&[Cow::Borrowed(*action)]);
        let shell = Shell { masked: &decoded.masked, ..self.shell };
        let on_failure = signals.iter().any(|s| s == "ERR");
        let inner = Around { wrappers: call.wrappers.clone(), at: call.at, ..Around::default() };
        let inner = inner.with(|l| l.fallback = on_failure || around.logic.fallback);
        let mut block = Block::new(BlockKind::OnFailure, self.span(&statement.range));
        self.state.shells += 1;
        text(&decoded.text, &shell, self.state, &inner, &mut block.items);
        self.state.shells -= 1;
        if on_failure {
            out.push(Item::Block(Box::new(block)));
        } else {
            self.state.at_exit.append(&mut block.items);
        }
        true
    }

    fn emit(&mut self, statement: &Statement, call: Call, around: &Around, out: &mut Vec<Item>) {
        let span = call.at.unwrap_or_else(|| self.span(&statement.range));
        let words: Vec<Expr> = call.words.iter().map(|w| self.expr(w)).collect();
        if matches!(words.first(), Some(Expr::Unknown(_)) | None) {
            out.push(Item::Unknown { span, why: "a program that only the run knows".to_owned() });
            return;
        }
        let command = Command {
            word_spans: call.words.iter().map(|w| self.span(&w.range)).collect(),
            words,
            span,
            text: self.source.one_line(&statement.range),
            wrappers: call.wrappers,
            assigns: call.assigns,
            stdin: call.input.map(|i| i.data.clone()),
            reads: self.file_of(statement, "<"),
            writes: self.file_of(statement, ">"),
            logic: around.logic,
            confidence: Confidence::Certain,
        };
        out.push(Item::Command(Box::new(command)));
    }
}

impl Translator<'_, '_, '_> {
    /// The file that a statement is redirected from or to.
    fn file_of(&self, statement: &Statement, direction: &str) -> Option<Expr> {
        statement.redirects.iter().rev().find_map(|redirect| match redirect {
            Redirect::File { operator, target } if operator.starts_with(direction) => Some(self.expr(target)),
            _ => None,
        })
    }
}

/// The words that a container's own `--entrypoint` puts before the command inside.
fn entrypoint<'w>(unwrap: &Unwrap, words: &[Cow<'w, Word>]) -> Option<Vec<Cow<'w, Word>>> {
    let end = match (unwrap.kind, unwrap.inner) {
        (WrapKind::Container | WrapKind::ComposeService, Inner::Words(from)) => from,
        (WrapKind::Container | WrapKind::ComposeService, Inner::None) => words.len(),
        _ => return None,
    };
    let at = words.iter().take(end).position(|w| w.literal().is_some_and(|t| t.starts_with("--entrypoint")))?;
    let text = words.get(at)?.literal()?;
    let (word, value) = match text.split_once('=') {
        Some((_, value)) => (words.get(at)?, value.to_owned()),
        None => (words.get(at + 1)?, words.get(at + 1)?.literal()?),
    };
    let one = |text: &str| {
        let part = Part { range: word.range.clone(), kind: PartKind::Literal(text.to_owned()), quoted: false };
        Cow::Owned(Word { range: word.range.clone(), parts: vec![part] })
    };
    let inner: Vec<Cow<Word>> = value.split_whitespace().map(one).collect();
    (!inner.is_empty()).then_some(inner)
}

/// Set the numbered arguments; those without a value are unknown.
pub(super) fn arguments(values: &[Expr], out: &mut Vec<Item>) {
    for n in 1..=ARGUMENTS {
        let value = values.get(n - 1).cloned().unwrap_or_else(|| Expr::Unknown(format!("${n}")));
        out.push(Item::Assign { name: format!("arg.{n}"), value });
    }
    out.push(Item::Assign { name: "arg.@".to_owned(), value: Expr::Unknown("$@".to_owned()) });
}

fn shift(count: Option<&str>, out: &mut Vec<Item>) {
    let count = count.map_or(Some(1), |c| c.parse::<usize>().ok());
    let moved = |n: usize| count.map(|c| n + c).filter(|from| *from <= ARGUMENTS).map(|from| Expr::Var(format!("arg.{from}")));
    let values: Vec<Expr> = (1..=ARGUMENTS).map(|n| moved(n).unwrap_or_else(|| Expr::Unknown(format!("${n}")))).collect();
    arguments(&values, out);
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The last segment of a program's path.
fn program_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a program is a shell.
fn is_shell(program: &str) -> bool {
    matches!(program_name(program), "bash" | "sh" | "zsh" | "dash" | "ksh" | "ash")
}

/// The index of the word that a shell is given as its script (`bash -euo pipefail -c SCRIPT`).
fn script_word(words: &[String]) -> Option<usize> {
    let (program, rest) = words.split_first()?;
    if !is_shell(program) {
        return None;
    }
    let mut given = false;
    let mut words = rest.iter().enumerate();
    while let Some((i, word)) = words.next() {
        let Some(letters) = word.strip_prefix(['-', '+']) else { return given.then_some(i + 1) };
        let short = !letters.starts_with('-');
        given |= short && letters.contains('c');
        let takes_value = (short && letters.ends_with(['o', 'O'])) || matches!(letters, "-rcfile" | "-init-file");
        if takes_value {
            words.next();
        }
    }
    None
}

/// The index of the script that a compose service is given whose entrypoint is a shell (`docker compose run tools -c SCRIPT`).
fn service_script(unwrap: &Unwrap, words: &[String]) -> Option<usize> {
    let option = unwrap.subject.filter(|_| unwrap.kind == WrapKind::ComposeService)? + 1;
    let given = words.get(option).is_some_and(|w| matches!(w.as_str(), "-c" | "-ec" | "-lc" | "-xc" | "-exc"));
    (given && words.len() > option + 1).then_some(option + 1)
}

/// The script that a shell without a file reads from its input (`bash -s <<EOF`).
fn script_input(words: &[String], input: Option<&Rc<Input>>) -> Option<Rc<Input>> {
    let (program, rest) = words.split_first()?;
    if !is_shell(program) {
        return None;
    }
    let reads = rest.iter().all(|w| w.starts_with(['-', '+']) && !w.contains('c') && !w.contains(HOLE));
    let forced = rest.iter().any(|w| w == "-s");
    input.filter(|_| reads || forced).cloned()
}

/// Name and value of a word `NAME=value`.
pub(super) fn named(expr: &Expr) -> Option<(String, Expr)> {
    let (first, rest) = match expr {
        Expr::Concat(parts) => parts.split_first()?,
        other => (other, [].as_slice()),
    };
    let (name, value) = first.literal()?.split_once('=')?;
    let parts = std::iter::once(Expr::lit(value)).filter(|e| rest.is_empty() || e.literal() != Some(""));
    Some((name.to_owned(), Expr::concat(parts.chain(rest.iter().cloned()).collect())))
}
