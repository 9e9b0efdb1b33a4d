//! nox (<https://nox.thea.codes/en/stable/config.html>): the literal commands of each session of a noxfile.

use crate::catalogue::runners::Runner;
use crate::model::{HOLE, Session};
use crate::source::SourceFile;
use crate::syntax::literals::{self, Language, Token, after_closing, after_indented, call_at};

/// The sessions of a file.
pub fn read(file: &SourceFile, _runner: &Runner) -> Vec<Session> {
    let tokens = literals::tokens(file, Language::Python);
    let mut chosen: Option<Vec<String>> = None;
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].word() {
            Some("nox.options.sessions") if tokens.get(at + 1).is_some_and(|t| t.is('=')) => {
                let end = after_closing(&tokens, at + 2);
                chosen = Some(texts(tokens.get(at + 2..end).unwrap_or_default()));
            }
            Some("@nox.session" | "@session" | "@nox_poetry.session") => {
                let open = tokens.get(at + 1).filter(|t| t.is('(')).map(|_| at + 1);
                let end = open.map_or(at + 1, |o| after_closing(&tokens, o));
                let options = tokens.get(at + 1..end).unwrap_or_default();
                let def = (end..tokens.len().min(end + 64)).find(|i| tokens[*i].word() == Some("def"));
                if let Some((def, name)) = def.and_then(|d| Some((d, tokens.get(d + 1)?.word()?))) {
                    let after = after_indented(&tokens, def);
                    let named = named(options).unwrap_or(name);
                    let off = options.windows(3).any(|w| w[0].word() == Some("default") && w[2].word() == Some("False"));
                    let commands = commands(&tokens[def..after]);
                    out.push(Session { name: named.to_owned(), default: !off, commands, stage: None });
                    at = after;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if let Some(chosen) = chosen {
        for session in &mut out {
            session.default = chosen.contains(&session.name);
        }
    }
    out
}

/// `name="x"` of a decorator.
fn named(options: &[Token]) -> Option<&str> {
    let at = options.windows(2).position(|w| w[0].word() == Some("name") && w[1].is('='))?;
    options.get(at + 2)?.literal()?.plain()
}

fn texts(tokens: &[Token]) -> Vec<String> {
    tokens.iter().filter_map(|t| t.literal()?.plain().map(ToOwned::to_owned)).collect()
}

fn commands(body: &[Token]) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for at in 0..body.len() {
        let Some(call) = call_at(body, at).filter(|c| c.name.ends_with(".run") || c.name.ends_with(".run_always")) else {
            continue;
        };
        let word = |arg: &&[Token]| match arg {
            [one] => Some(one.literal().and_then(|l| l.plain()).map_or_else(|| HOLE.to_string(), ToOwned::to_owned)),
            [star, ..] if star.is('*') => None,
            [name, sign, ..] if sign.is('=') && name.word().is_some() => None,
            _ => Some(HOLE.to_string()),
        };
        let words: Vec<String> = call.args.iter().filter_map(word).collect();
        if !words.is_empty() {
            out.push(words);
        }
    }
    out
}
