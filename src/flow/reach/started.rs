//! Pipelines of the repository that a command starts by their file or name and that run as a part of it (ruling 18): what
//! they do is reached upstream, with the caller's automation, in the caller's environment.

use super::frame::Frame;
use super::resolve::value_of;
use super::{MAX_DEPTH, Reach};
use crate::catalogue::{Class, Role};
use crate::model::{Event, HOLE, Link, LinkKind, TARGET_OF_RELEASE, UnitId, UnitKind, Value, WORK_FOLDER};
use crate::source::Span;
use crate::source::paths::join;

/// The file that a build reads where none is named.
const BUILD_FILES: &[&str] = &["cloudbuild.yaml", "cloudbuild.yml", "cloudbuild.json"];

impl Reach<'_> {
    /// The steps behind a command that starts a pipeline, at least one where the pipeline is known; none where it is not in
    /// the repository.
    pub(super) fn start_pipeline(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) -> Option<usize> {
        let folder = self.sent_folder(words, frame);
        let unit = self.named_pipeline(words, class, folder.as_deref(), frame)?;
        if frame.depth >= MAX_DEPTH || self.running.contains(&unit) {
            return Some(1);
        }
        let mut inner = frame.clone();
        inner.depth += 1;
        inner.scope = (*frame.facts).clone();
        for (name, value) in values(words) {
            if let Some(text) = value.known().filter(|t| !t.is_empty()) {
                inner.name(text);
            }
            inner.scope.set(name, value);
        }
        if let Some(folder) = folder {
            inner.scope.set(WORK_FOLDER, Value::text(folder));
        }
        if !frame.by_hand() {
            inner.way.event = Some(Event::Upstream);
            inner.follow(Link { kind: LinkKind::Event, name: Event::Upstream.to_string(), span: at });
        }
        let before = self.found.occurrences.len();
        self.running.push(unit);
        let deployed = if self.program.unit(unit).kind == UnitKind::Pipeline {
            self.pipeline(unit, inner).2
        } else {
            self.called_unit(unit, at, &mut inner);
            inner.deployed
        };
        self.running.pop();
        frame.deployed |= deployed;
        Some((self.found.occurrences.len() - before).max(1))
    }

    /// What a unit of the repository does in a frame that was made for it.
    fn called_unit(&mut self, id: UnitId, at: Span, inner: &mut Frame) {
        let program = self.program;
        let unit = program.unit(id);
        self.mark(id, inner);
        inner.unit = id;
        inner.entry = self.next_entry();
        inner.home = self.home_of(id).to_owned();
        inner.follow(Link { kind: unit.kind.link(), name: unit.name.clone(), span: at });
        self.enter(unit, inner);
        self.items(&unit.body, inner);
    }

    /// The pipeline: by its file, else by its name; of a build that names neither, the usual file of its folder.
    fn named_pipeline(&self, words: &[String], class: &Class, folder: Option<&str>, frame: &Frame) -> Option<UnitId> {
        let of_file = |path: &str| self.links.at(UnitKind::Action, path).or_else(|| self.links.at(UnitKind::Pipeline, path));
        let named: Vec<&str> = class.role(Role::File).collect();
        let files = named.iter().flat_map(|f| self.links.candidates(f, frame.dir.as_deref(), &frame.home));
        if let Some(unit) = files.into_iter().find_map(|path| of_file(&path)) {
            return Some(unit);
        }
        let own = frame.pipeline;
        let by_name = class.role(Role::Service).find_map(|n| self.links.pipelines(n).into_iter().find(|id| Some(*id) != own));
        if by_name.is_some() || !named.is_empty() || !words.iter().any(|w| w == "submit") {
            return by_name;
        }
        let dir = folder.or(frame.dir.as_deref()).unwrap_or(&frame.home).to_owned();
        BUILD_FILES.iter().filter_map(|name| join(&dir, name)).find_map(|path| of_file(&path))
    }

    /// The folder that a build is sent, which is the root of what it works on.
    fn sent_folder(&self, words: &[String], frame: &Frame) -> Option<String> {
        let at = words.iter().position(|w| w == "submit")?;
        let given = self.positional(words).into_iter().rfind(|w| !words[..=at].contains(w));
        match given {
            Some(folder) => self.change_dir(frame, &Value::text(folder)),
            None => frame.dir.clone(),
        }
        .filter(|folder| self.sources.dirs.contains(folder))
    }
}

/// Values that a command gives to what it starts: `--substitutions _A=x,_B=y`, and the target of a release.
fn values(words: &[String]) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for pair in value_of(words, &["--substitutions"]).unwrap_or("").split(',') {
        if let Some((name, value)) = pair.trim_matches(['"', '\'']).split_once('=') {
            let value = value.trim_matches(['"', '\'']);
            let unknown = !value.is_empty() && value.chars().all(|c| c == HOLE);
            let known = if unknown { Value::Unknown } else { Value::text(value) };
            out.push((format!("env.{}", name.trim()), known));
        }
    }
    if let Some(target) = value_of(words, &["--to-target"]) {
        out.push((TARGET_OF_RELEASE.to_owned(), Value::text(target)));
    } else if words.iter().any(|w| w == "promote") {
        out.push((TARGET_OF_RELEASE.to_owned(), Value::Unknown));
    }
    out
}
