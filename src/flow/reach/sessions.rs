//! Tools whose call is one step, staged by their configuration (model ruling 30).

use super::Reach;
use super::frame::Frame;
use super::resolve::above;
use crate::catalogue::runners::{self, Runner};
use crate::catalogue::{Action, Class, Inner};
use crate::model::{HOLE, Session, Stage};
use crate::source::paths::join;

/// At most so many wrappers are taken off a command.
const MAX_WRAPPERS: usize = 4;

impl Reach<'_> {
    /// The class of a call, as the sessions that it runs say; as it is where they do not say it clearly.
    pub(super) fn by_sessions(&self, words: &[String], mut class: Class, frame: &Frame) -> Class {
        let program = words.first().and_then(|w| w.rsplit('/').next()).unwrap_or_default();
        let Some(runner) = runners::all().iter().find(|r| r.sessions && r.programs.iter().any(|p| p == program)) else {
            return class;
        };
        if !matches!(class.action, Action::Step(_)) {
            return class;
        }
        let Some(all) = self.sessions_of(runner, frame) else { return class };
        let Some(chosen) = chosen(runner, words, all) else { return class };
        let mut classes: Vec<Class> = Vec::new();
        for session in chosen {
            if let Some(stage) = session.stage {
                classes.push(Class { action: Action::Step(stage), kind: None, also: Vec::new(), ..class.clone() });
                continue;
            }
            let known: Vec<Class> = session.commands.iter().filter_map(|c| self.plain_class(c)).collect();
            if known.is_empty() && !session.commands.is_empty() {
                return class;
            }
            classes.extend(known);
        }
        let winner = classes.iter().max_by_key(|c| c.stage().map_or(0, rank));
        let Some((stage, kind)) = winner.and_then(|w| Some((w.stage()?, w.kind.clone()))) else { return class };
        // A call that does several things is a scan only where it does nothing else.
        let mixed = !runner.scans.is_empty() && classes.iter().any(|c| c.stage() != Some(Stage::Scan));
        let stage = if mixed { class.stage().unwrap_or(stage) } else { stage };
        if class.stage() != Some(stage) {
            (class.action, class.kind) = (Action::Step(stage), kind);
            class.also.clear();
        }
        for other in classes
            .iter()
            .filter_map(Class::stage)
            .filter(|s| *s != stage && matches!(s, Stage::Check | Stage::Scan | Stage::Test))
        {
            if !class.also.contains(&other) {
                class.also.push(other);
            }
        }
        class
    }

    fn sessions_of(&self, runner: &Runner, frame: &Frame) -> Option<&[Session]> {
        let table = self.program.sessions.get(&runner.name)?;
        let dir = frame.dir.clone().unwrap_or_else(|| frame.home.clone());
        let in_dir = |dir: &str| runner.files.iter().find_map(|n| join(dir, n).and_then(|p| table.get(&p)));
        in_dir(&dir).or_else(|| above(&dir).find_map(in_dir)).map(Vec::as_slice)
    }

    /// What a command is, its wrappers taken off; none where it is no step.
    fn plain_class(&self, words: &[String]) -> Option<Class> {
        let mut words = words.to_vec();
        for _ in 0..MAX_WRAPPERS {
            match self.catalogue.wrapper(&words).map(|u| u.inner) {
                Some(Inner::Words(from)) if from > 0 => drop(words.drain(..from.min(words.len()))),
                _ => break,
            }
        }
        self.class_of(&words).filter(|c| matches!(c.action, Action::Step(_)) && c.stage() != Some(Stage::Source))
    }
}

/// The sessions that a call runs; none where it does not say which.
fn chosen<'s>(runner: &Runner, words: &[String], all: &'s [Session]) -> Option<Vec<&'s Session>> {
    let mut named: Vec<String> = Vec::new();
    for (i, word) in words.iter().enumerate().skip(1) {
        if let Some(option) = runner.session_options.iter().find(|o| word.starts_with(o.as_str())) {
            let rest = word[option.len()..].trim_start_matches('=');
            if rest.is_empty() {
                named.extend(
                    words[i + 1..].iter().take_while(|w| !w.starts_with('-')).flat_map(|w| w.split(',')).map(ToOwned::to_owned),
                );
            } else if !word.starts_with("--") || word[option.len()..].starts_with('=') {
                named.extend(rest.split(',').map(ToOwned::to_owned));
            }
        }
    }
    if runner.session_options.is_empty() {
        let own = words.iter().skip(1).filter(|w| !w.starts_with('-') && !runner.verbs.contains(w));
        named.extend(own.filter(|w| all.iter().any(|s| s.name == **w)).cloned());
    } else if named.is_empty() && words.iter().any(|w| matches!(w.as_str(), "-m" | "-k" | "-t" | "--tags" | "--keywords")) {
        return None;
    }
    if named.is_empty() {
        return Some(all.iter().filter(|s| s.default).collect());
    }
    let mut out = Vec::new();
    for name in named.iter().filter(|n| !n.is_empty()) {
        if name.contains([HOLE, '$']) || name == "ALL" {
            return None;
        }
        let exact = all.iter().find(|s| s.name == *name);
        // `tests-3.12` is a session for one of several versions; what has no section of its own is run as all others are.
        let stem = name.split(['-', '(']).next().unwrap_or(name);
        let found = exact.or_else(|| all.iter().find(|s| s.name == stem)).or_else(|| all.iter().find(|s| s.name == "*"))?;
        out.push(found);
    }
    Some(out)
}

/// Which of several stages a call is said to be of: the last that it asks for.
fn rank(stage: Stage) -> usize {
    let order = [
        Stage::Build,
        Stage::Scan,
        Stage::Check,
        Stage::Package,
        Stage::Test,
        Stage::Configure,
        Stage::Provision,
        Stage::Publish,
        Stage::Deploy,
    ];
    order.iter().position(|s| *s == stage).map_or(0, |i| i + 1)
}
