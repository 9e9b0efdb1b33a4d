//! Manifests that are written by one command and applied by another: through a pipe, a process substitution or a file.

use super::Reach;
use super::frame::Frame;
use crate::catalogue::{Class, Role, Trait};
use crate::model::{Command, HOLE};
use crate::source::Span;
use std::rc::Rc;

/// What a command before wrote manifests from.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Files and folders that they are written from.
    paths: Vec<String>,
    /// Where, if what writes them and what applies them are one step.
    from: Option<Span>,
}

impl Reach<'_> {
    /// What writes manifests into a pipe is no step of its own: what reads them there applies what they are written from, and
    /// both are one step. None: the command is the former.
    pub(super) fn rendered(
        &mut self,
        mut class: Class,
        command: &Command,
        words: &[String],
        frame: &mut Frame,
    ) -> Option<(Class, Option<Command>)> {
        let renders = class.kind.as_deref() == Some("render");
        if renders || class.kind.as_deref() == Some("template") || matches!(words[0].as_str(), "cat" | "tee") {
            if class.is(Trait::UnreadTemplate) && !frame.by_hand() {
                let why = format!("what `{}` makes is code that is not read", words[0]);
                self.found.unknowns.insert(command.span, why);
            }
            let before = frame.rendered.take().filter(|_| command.logic.piped_in);
            let paths = self.sources_of(&class, command, words, before.as_ref(), frame);
            let out = command.writes.as_ref().map(|to| to.eval(&frame.scope).shown());
            if let (Some(out), false) = (out.filter(|o| !o.contains(HOLE) && !o.starts_with('/')), paths.is_empty()) {
                let at = self.links.candidates(&out, frame.dir.as_deref(), &frame.home).into_iter().next();
                Rc::make_mut(&mut frame.written).extend(at.map(|at| (at, paths.clone())));
            }
            if command.logic.piped_out {
                let from = before.and_then(|b| b.from).or(renders.then_some(command.span));
                frame.rendered = Some(Rendered { paths, from });
                if renders {
                    return None;
                }
            }
            return Some((class, None));
        }
        let mut whole = None;
        if class.is(Trait::ByManifest) {
            let given = |value: &str| value == "-" || value == "/dev/stdin" || value.starts_with(HOLE) || value.is_empty();
            let from_outside =
                class.role(Role::File).any(given) || (command.logic.piped_in && class.role(Role::File).next().is_none());
            if let Some(rendered) = frame.rendered.take().filter(|_| from_outside) {
                class.roles.retain(|(role, value)| *role != Role::File || !given(value));
                class.roles.extend(rendered.paths.into_iter().map(|path| (Role::File, path)));
                let at = rendered.from.filter(|from| from.file == command.span.file);
                whole = at.map(|from| Command { span: from.to(command.span), ..command.clone() });
            }
            self.behind_written(&mut class, frame);
        }
        Some((class, whole))
    }

    /// The files of the repository that a command reads, or what stands behind a file that one before it has written.
    fn sources_of(
        &self,
        class: &Class,
        command: &Command,
        words: &[String],
        before: Option<&Rendered>,
        frame: &Frame,
    ) -> Vec<String> {
        let mut named: Vec<String> = class.role(Role::File).map(ToOwned::to_owned).collect();
        named.extend(command.reads.as_ref().map(|from| from.eval(&frame.scope).shown()));
        let own = named.len();
        if class.kind.as_deref() != Some("render") {
            named.extend(words.iter().skip(1).filter(|w| !w.starts_with('-')).cloned());
        }
        let mut paths: Vec<String> = Vec::new();
        for (i, name) in named.iter().enumerate() {
            let all = self.links.candidates(name, frame.dir.as_deref(), &frame.home);
            if let Some(sources) = all.iter().find_map(|p| frame.written.get(p)) {
                paths.extend(sources.iter().cloned());
            } else if let Some(glob) = name.find('*').filter(|_| i >= own) {
                // `cat k8s/*.yaml`: the folder.
                paths.extend(name[..glob].rsplit_once('/').map(|(folder, _)| folder.to_owned()));
            } else if i < own || all.iter().any(|p| self.sources.paths.contains(p)) {
                paths.push(name.clone());
            }
        }
        if paths.is_empty() {
            paths.extend(before.into_iter().flat_map(|b| b.paths.iter().cloned()));
        }
        paths
    }

    /// A file that a command before has written stands for what it was written from.
    fn behind_written(&self, class: &mut Class, frame: &Frame) {
        if frame.written.is_empty() {
            return;
        }
        let mut more = Vec::new();
        for file in class.role(Role::File) {
            let all = self.links.candidates(file, frame.dir.as_deref(), &frame.home);
            let below =
                |at: &String| all.iter().any(|p| at == p || at.strip_prefix(p.as_str()).is_some_and(|r| r.starts_with('/')));
            more.extend(frame.written.iter().filter(|(at, _)| below(at)).flat_map(|(_, from)| from.iter().cloned()));
        }
        class.roles.extend(more.into_iter().map(|path| (Role::File, path)));
    }
}
