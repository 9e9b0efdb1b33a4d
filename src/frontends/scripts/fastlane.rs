//! Front end of Fastfiles (<https://docs.fastlane.tools/advanced/Fastfile/>): a unit for every lane, with the actions of fastlane that
//! it calls as the commands that they are (`fastlane gym`), the lanes that it calls, and literal commands.

use super::tasks::{Reader, commands, task};
use crate::catalogue::runners;
use crate::catalogue::{Action, Catalogue};
use crate::model::{Call, Expr, Item, MakeFile, Program, Target, UnitId};
use crate::source::paths::directory;
use crate::source::{SourceSet, Span};
use crate::syntax::literals::{self, Language, Token, after_indented, call_at};

const RUNNER: &str = "fastlane";

/// Translate every Fastfile.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    let Some(runner) = runners::named(RUNNER) else { return };
    for file in sources.files().iter().filter(|f| f.name() == "Fastfile") {
        let reader = Reader { file, catalogue, runner };
        let entry = lanes(&reader, program);
        program.runners.entry(RUNNER.to_owned()).or_default().insert(file.path.clone(), entry);
    }
}

fn lanes(reader: &Reader, program: &mut Program) -> MakeFile {
    let tokens = literals::tokens(reader.file, Language::Ruby);
    let mut entry = MakeFile::default();
    let mut platform: Option<(usize, &str)> = None;
    let mut bodies: Vec<(UnitId, &[Token])> = Vec::new();
    for at in 0..tokens.len() {
        let token = &tokens[at];
        if !token.first {
            continue;
        }
        platform = platform.filter(|(indent, _)| token.indent > *indent);
        let symbol = tokens.get(at + 1).filter(|t| t.is(':')).and_then(|_| tokens.get(at + 2)?.word());
        match (token.word(), symbol) {
            (Some("platform"), Some(name)) => platform = Some((token.indent, name)),
            (Some("lane" | "private_lane"), Some(name)) => {
                let end = after_indented(&tokens, at);
                let last = tokens.get(end).filter(|t| t.word() == Some("end")).unwrap_or(&tokens[end - 1]).range.end;
                let full = platform.map_or_else(|| name.to_owned(), |(_, p)| format!("{p} {name}"));
                let mut unit = task(reader.file, &full, token.range.start..last, reader.catalogue);
                // Actions work in the folder above that of the file.
                let up = reader.file.dir().rsplit('/').next().is_some_and(|d| d.ends_with("fastlane"));
                unit.dir = Some(Expr::lit(if up { directory(reader.file.dir()) } else { reader.file.dir() }));
                let id = program.add(unit);
                bodies.push((id, &tokens[at + 3..end]));
                entry.targets.push((full, id));
                entry.targets.push((name.to_owned(), id));
            }
            _ => {}
        }
    }
    for (id, body) in bodies {
        let mut unit = program.unit(id).clone();
        let (mut at, mut start) = (0, 0);
        while at < body.len() {
            if let Some((item, end)) = action(body, at, reader, &entry) {
                commands(&body[start..at], reader, &mut unit, program);
                unit.body.push(item);
                (at, start) = (end, end);
            } else {
                at += 1;
            }
        }
        commands(body.get(start..).unwrap_or_default(), reader, &mut unit, program);
        *program.unit_mut(id) = unit;
    }
    entry
}

/// An action or a lane that is called at the start of a line.
fn action(body: &[Token], at: usize, reader: &Reader, lanes: &MakeFile) -> Option<(Item, usize)> {
    let token = body.get(at).filter(|t| t.first)?;
    let name = token.word()?;
    let call = call_at(body, at);
    let end = call.as_ref().map_or(at + 1, |c| c.end);
    let range = token.range.start..call.as_ref().map_or(token.range.end, |c| c.range.end);
    let span = Span::new(reader.file.id, range.start, range.end);
    if let Some(lane) = lanes.target(name) {
        let text = name.to_owned();
        let call = Call { target: Target::Unit(lane), bind: Vec::new(), isolated: false, span, text };
        return Some((Item::Call(Box::new(call)), end));
    }
    if name == "gradle" {
        // `gradle(task: "assemble", build_type: "Release")`
        let args = call?.args;
        let value = |key: &str| {
            let arg = args.iter().find(|a| a.first().and_then(Token::word) == Some(key))?;
            arg.iter().find_map(Token::literal)?.plain().map(ToOwned::to_owned)
        };
        let task = format!("{}{}", value("task")?, value("build_type").unwrap_or_default());
        let words: Vec<&str> = ["gradle"].into_iter().chain(task.split_whitespace()).collect();
        return Some((reader.command(&words, span), end));
    }
    let words = [RUNNER.to_owned(), name.to_owned()];
    reader.catalogue.command(&words).filter(|c| matches!(c.action, Action::Step(_)))?;
    Some((reader.command(&[RUNNER, name], span), end))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn lanes_call_actions_lanes_and_commands() {
        let text = "default_platform(:ios)\nplatform :ios do\n  lane :beta do |options|\n    tests\n    build_app(scheme: \"App\",\n      export: 1)\n    sh(\"docker push shop\")\n    upload_to_testflight\n  end\n  lane :tests do\n    scan\n  end\nend\n";
        let mut sources = SourceSet::default();
        sources.add("ios/fastlane/Fastfile", text);
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let file = &program.runners["fastlane"]["ios/fastlane/Fastfile"];
        let beta = program.unit(file.target("ios beta").unwrap());
        let texts: Vec<_> =
            beta.body.iter().filter_map(|i| if let Item::Command(c) = i { Some(c.text.as_str()) } else { None }).collect();
        assert!(matches!(&beta.body[0], Item::Call(call) if call.text == "tests"));
        assert_eq!(texts, ["fastlane build_app", "docker push shop", "fastlane upload_to_testflight"]);
        assert_eq!(beta.dir, Some(Expr::lit("ios")));
    }
}
