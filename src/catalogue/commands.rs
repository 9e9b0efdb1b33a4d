//! Commands: from the words of a simple command to what it is.
//!
//! The knowledge is data: `grammars/tools/<tool>/commands.yaml`, packed by the build script. A row's pattern names the
//! literal words of a call; options may stand anywhere, and the row with the most literal words wins. Its exceptions
//! (`unless`) are tried in order.

mod call;
mod form;
mod load;
mod pattern;
mod program;
mod roles;
#[cfg(test)]
mod tests;

use super::table;
use super::{Action, Class, Inner, Role, Unwrap};
use crate::model::{Confidence, Stage, starred};
use call::{Call, Path, is_option};
use load::{Deed, Exception, Row, Tables, What};
use pattern::Score;
use program::Program;

/// The folder of the shell's own commands, whose names are too common to be a tool in a repository's path.
const SHELL: &str = "shell";

/// The command tables of all tools.
#[derive(Debug)]
pub struct Commands {
    tables: Tables,
}

/// A command's words with its program as the tables spell it.
struct Known {
    words: Vec<String>,
    /// How many words stand for the program, and how many it was written with.
    program: (usize, usize),
}

impl Known {
    /// The index of a word as the caller counts.
    fn original(&self, index: usize) -> usize {
        if index < self.program.0 { 0 } else { index - self.program.0 + self.program.1 }
    }
}

impl Commands {
    /// The embedded tables.
    pub fn embedded() -> Self {
        let entries = table::entries(table::packed!("commands")).unwrap_or_default();
        Self { tables: Tables::new(&entries) }
    }

    /// What a command is.
    pub fn classify(&self, words: &[String]) -> Option<Class> {
        let known = match self.known(words) {
            Ok(known) => known,
            Err(Program::Script) => return Some(script()),
            Err(_) => return None,
        };
        let call = Call::new(&known.words, &self.tables.options);
        if let Some(class) = self.goals(&call) {
            return Some(class);
        }
        let Some(row) = self.best(&known, &call) else {
            return words.first().is_some_and(|word| program::in_repository(word)).then(script);
        };
        let end = self.end_of_wrapper(row, &known);
        let what = exception(row, &call, end);
        if what.action != Deed::Wrap {
            return Some(self.class(row, &call, what));
        }
        match self.unwrap(words).map(|u| u.inner) {
            None | Some(Inner::None) => Some(self.class(row, &call, What { action: Deed::Glue, ..what })),
            Some(_) => None,
        }
    }

    /// The wrapper a command's first words are.
    pub fn unwrap(&self, words: &[String]) -> Option<Unwrap> {
        let known = self.known(words).ok()?;
        let call = Call::new(&known.words, &self.tables.options);
        let row = self.best(&known, &call)?;
        let end = self.end_of_wrapper(row, &known);
        if exception(row, &call, end).action != Deed::Wrap {
            return None;
        }
        self.take_off(row, &known)
    }

    /// Whether an option takes the next word as its value, in some sub-command of the program.
    pub fn takes_value(&self, program: &str, option: &str) -> bool {
        let Ok(known) = self.known(&[program.to_owned()]) else { return false };
        let program = known.words.join(" ");
        let of_program = self.tables.options.range(program.clone()..).take_while(|(path, _)| path.starts_with(&program));
        of_program
            .filter(|(path, _)| path.len() == program.len() || path.as_bytes().get(program.len()) == Some(&b' '))
            .any(|(_, set)| set.contains(option))
    }

    /// Whether a word is a program of a tool, not one of the shell's own.
    pub fn is_tool(&self, word: &str) -> bool {
        let rows = self.tables.by_program.get(word).into_iter().flatten().filter_map(|i| self.tables.rows.get(*i));
        let mut tools = rows.filter_map(|row| self.tables.tools.get(row.tool)).peekable();
        tools.peek().is_some() && tools.all(|tool| tool.id != SHELL)
    }

    /// The words with the program as the tables spell it; else what the program word is.
    fn known(&self, words: &[String]) -> Result<Known, Program> {
        let Some((first, rest)) = words.split_first() else { return Err(Program::Unknown) };
        let listed = |w: &str| self.tables.by_program.contains_key(w) || self.tables.aliases.contains_key(w);
        let of_shell = |w: &str| {
            let rows = self.tables.by_program.get(w).into_iter().flatten().filter_map(|i| self.tables.rows.get(*i));
            rows.filter_map(|row| self.tables.tools.get(row.tool)).any(|tool| tool.id == SHELL)
        };
        let name = match program::program(first, listed, of_shell) {
            Program::Known(name) => name,
            other => return Err(other),
        };
        let fits = |spelling: &[String]| {
            spelling.len() <= words.len() && spelling.iter().skip(1).zip(rest).all(|(spelt, word)| spelt == word)
        };
        let alias = self.tables.aliases.get(&name).into_iter().flatten().filter(|(spelling, _)| fits(spelling));
        let (replaced, canonical) = match alias.max_by_key(|(spelling, _)| spelling.len()) {
            Some((spelling, canonical)) => (spelling.len(), canonical.clone()),
            None => (1, vec![name]),
        };
        let program = (canonical.len(), replaced);
        let words = canonical.into_iter().chain(words.iter().skip(replaced).cloned()).collect();
        Ok(Known { words, program })
    }

    fn rows<'a>(&'a self, call: &Call<'a>) -> impl Iterator<Item = &'a Row> {
        let program = call.arg(0).unwrap_or_default();
        self.tables.by_program.get(program).into_iter().flatten().filter_map(|i| self.tables.rows.get(*i))
    }

    /// The row that fits best; the first of equals.
    fn best<'a>(&'a self, known: &'a Known, call: &Call<'a>) -> Option<&'a Row> {
        let pick = |call: &Call<'a>| {
            let scored = self.rows(call).filter_map(|row| {
                let end = self.end_of_wrapper(row, known);
                if end == usize::MAX && row.wrap.as_ref().is_some_and(|w| w.form.option.is_some()) {
                    return None;
                }
                let score = row.pattern.fits(call, end)?;
                Some(((score, exception_of(row, call, end).is_some()), row))
            });
            scored.fold(None, better).map(|(_, row)| row)
        };
        pick(call).or_else(|| {
            let mut plain = Call::new(&known.words, &self.tables.options);
            plain.without_holes();
            (plain.positional.len() < call.positional.len()).then(|| pick(&plain)).flatten()
        })
    }

    /// What a call of several goals is: the last one that is a step, the others beside it.
    fn goals(&self, call: &Call) -> Option<Class> {
        let tool = self.rows(call).next().and_then(|row| self.tables.tools.get(row.tool)).filter(|tool| tool.goals)?;
        let mut found: Vec<(Class, bool)> = Vec::new();
        for at in 1..call.positional.len() {
            let Some(word) = call.arg(at) else { continue };
            let split = tool.separator.as_deref().and_then(|s| word.rsplit_once(s));
            let fit = |word: &str| {
                self.rows(call)
                    .filter(|row| !row.pattern.slots.is_empty() && row.wrap.is_none())
                    .filter_map(|row| row.pattern.fits_goal(call, at, word).map(|score| ((score, false), row)))
                    .fold(None, better)
            };
            let whole = fit(word);
            let part = split.filter(|_| whole.is_none()).and_then(|(module, goal)| fit(goal).map(|(_, row)| (module, row)));
            let (row, module) = match (whole, part) {
                (Some((_, row)), _) => (row, None),
                (None, Some((module, row))) => (row, Some(module)),
                (None, None) => continue,
            };
            let mut class = self.class(row, call, exception(row, call, usize::MAX));
            if let Some(module) = module.and_then(|m| m.rsplit([':', '/']).next()).filter(|m| !m.is_empty()) {
                class.roles.push((Role::Service, module.to_owned()));
            }
            found.push((class, row.beside));
        }
        join_goals(&found)
    }

    fn class(&self, row: &Row, call: &Call, what: What) -> Class {
        let tool = self.tables.tools.get(row.tool);
        let mut roles = Vec::new();
        let further = exception_of(row, call, usize::MAX).into_iter().flat_map(|e| &e.roles);
        for source in row.roles.iter().chain(further).chain(tool.into_iter().flat_map(|t| &t.roles)) {
            source.read(call, &mut roles);
        }
        let action = match (what.action, what.stage) {
            (Deed::Resolve, by_name) => Action::Resolve { resolver: what.resolver.unwrap_or_default(), by_name },
            (Deed::Step, Some(stage)) => Action::Step(stage),
            _ => Action::Glue,
        };
        Class {
            tool: tool.map_or_else(String::new, |t| t.id.clone()),
            row: row.run.clone(),
            action,
            kind: what.kind,
            also: what.also,
            roles,
            traits: what.traits.into_iter().chain(tool.into_iter().flat_map(|t| t.traits.iter().copied())).collect(),
            confidence: what.confidence.unwrap_or(Confidence::Certain),
        }
    }

    /// Index of the first word that is no longer the wrapper's own; past the end for other rows.
    fn end_of_wrapper(&self, row: &Row, known: &Known) -> usize {
        if row.wrap.is_none() {
            return usize::MAX;
        }
        match self.walk(row, known).inner {
            Found::Words(index) => index,
            Found::Value(index, _) => index + 1,
            Found::None => usize::MAX,
        }
    }

    fn take_off(&self, row: &Row, known: &Known) -> Option<Unwrap> {
        let wrap = row.wrap.as_ref()?;
        let walk = self.walk(row, known);
        let inner = match walk.inner {
            _ if wrap.none => Inner::None,
            Found::Words(index) if wrap.shell => Inner::Shell(known.original(index)),
            Found::Words(index) => Inner::Words(known.original(index)),
            Found::Value(index, 0) if !wrap.shell => Inner::Words(known.original(index)),
            Found::Value(index, from) => Inner::Value { word: known.original(index), from },
            Found::None if wrap.kind == super::WrapKind::Plain => return None,
            Found::None => Inner::None,
        };
        let name = (0..known.program.0)
            .chain(walk.verbs.into_iter().filter(|i| *i >= known.program.0))
            .filter_map(|i| known.words.get(i))
            .map(String::as_str);
        let name = name.collect::<Vec<_>>().join(" ");
        Some(Unwrap {
            name,
            kind: wrap.kind,
            subject: walk.subject.map(|i| known.original(i)),
            inner,
            assigns: walk.assigns.iter().map(|i| known.original(*i)).collect(),
        })
    }

    /// Read a wrapper's own words, up to the inner command.
    fn walk(&self, row: &Row, known: &Known) -> Walk {
        let mut walk = Walk { inner: Found::None, subject: None, assigns: Vec::new(), verbs: Vec::new() };
        let Some(form) = row.wrap.as_ref().map(|w| &w.form) else { return walk };
        let words = &known.words;
        let mut path = Path::new(&self.tables.options, words.first().map_or("", String::as_str));
        let (mut literals, mut skipped, mut first) = (row.pattern.slots.len(), 0, None);
        let skip = form.skip.unwrap_or(0);
        let mut i = 1;
        while let Some(word) = words.get(i) {
            if form.after.as_deref() == Some(word) {
                walk.inner = words.get(i + 1).map_or(Found::None, |_| Found::Words(i + 1));
                return walk;
            }
            if is_option(word) {
                let (name, value, next) = path.value(word, words.get(i + 1).map(String::as_str));
                if form.option.as_deref().is_some_and(|o| o.split('|').any(|o| starred(o, name))) {
                    walk.inner = match value {
                        Some(value) if !next => Found::Value(i, word.len() - value.len()),
                        _ if i + 1 < words.len() => Found::Value(i + 1, 0),
                        _ => Found::None,
                    };
                    return walk;
                }
                i += usize::from(next);
            } else if word != "--" {
                if literals > 0 {
                    literals -= 1;
                    path.push(word);
                    walk.verbs.push(i);
                } else if form.assigns && is_assignment(word) {
                    walk.assigns.push(i);
                } else if skipped < skip {
                    skipped += 1;
                    if form.subject == Some(skipped) {
                        walk.subject = Some(i);
                    }
                } else if form.after.is_none() && form.option.is_none() {
                    walk.inner = Found::Words(i);
                    return walk;
                } else if form.option.is_some() && form.skip.is_none() && !row.pattern.needs.is_empty() {
                    return walk;
                } else if first.is_none() {
                    first = Some(i);
                }
            }
            i += 1;
        }
        if let (Some(first), Some(_), None) = (first, form.skip, &form.option) {
            walk.inner = Found::Words(first);
        }
        walk
    }
}

/// A wrapper's own words.
struct Walk {
    inner: Found,
    subject: Option<usize>,
    assigns: Vec<usize>,
    verbs: Vec<usize>,
}

/// Where the inner command was found.
enum Found {
    /// It starts with this word.
    Words(usize),
    /// It is this word, from this byte on.
    Value(usize, usize),
    /// There is none.
    None,
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A row with how well it fits, and whether one of its exceptions does.
type Scored<'a> = ((Score, bool), &'a Row);

/// A fold over scored rows: the first of the best.
fn better<'a>(best: Option<Scored<'a>>, next: Scored<'a>) -> Option<Scored<'a>> {
    match best {
        Some((score, _)) if score >= next.0 => best,
        _ => Some(next),
    }
}

/// What a row says of a call, exceptions heeded.
fn exception(row: &Row, call: &Call, end: usize) -> What {
    exception_of(row, call, end).map_or_else(|| row.what.clone(), |e| row.what.overridden(&e.what))
}

/// The first exception of a row that a call meets.
fn exception_of<'r>(row: &'r Row, call: &Call, end: usize) -> Option<&'r Exception> {
    let meets = |needs: &Vec<call::Need>| needs.iter().any(|need| need.holds(call, end));
    row.unless.iter().find(|e| e.with.iter().all(meets) && !e.without.iter().any(meets))
}

/// One class of several goals: the last step, beside ones only if there is no other.
fn join_goals(found: &[(Class, bool)]) -> Option<Class> {
    let step = |class: &Class| class.action != Action::Glue;
    let winner = found.iter().rposition(|(class, beside)| step(class) && !beside);
    let winner = winner.or_else(|| found.iter().rposition(|(class, _)| step(class))).or_else(|| found.len().checked_sub(1))?;
    let mut class = found.get(winner)?.0.clone();
    let mut add = |stage: Stage| {
        if class.stage() != Some(stage) && !class.also.contains(&stage) {
            class.also.push(stage);
        }
    };
    for (other, _) in found.iter().enumerate().filter(|(i, _)| *i != winner).map(|(_, f)| f) {
        other.also.iter().copied().chain(other.stage()).for_each(&mut add);
    }
    let roles: Vec<_> = found.iter().flat_map(|(other, _)| &other.roles).filter(|r| !class.roles.contains(r)).cloned().collect();
    for role in roles {
        if !class.roles.contains(&role) {
            class.roles.push(role);
        }
    }
    Some(class)
}

/// A file of the repository that is run by its path.
fn script() -> Class {
    Class {
        tool: SHELL.to_owned(),
        row: "<file>".to_owned(),
        action: Action::Resolve { resolver: "script".to_owned(), by_name: None },
        kind: None,
        also: Vec::new(),
        roles: Vec::new(),
        traits: Vec::new(),
        confidence: Confidence::Certain,
    }
}
