//! Resolvers: from a command that starts something of the repository to the unit it starts.

use super::Reach;
use super::calls::Folder;
use super::frame::Frame;
use crate::catalogue::{Class, Role, runners};
use crate::model::{
    Call, Event, Found, HOLE, Link, LinkKind, MakeFile, Program, Target, UnitId, UnitKind, Value, find_target, glob,
};
use crate::source::Span;
use crate::source::paths::join;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Files that make reads in a folder, in its order.
const MAKEFILES: &[&str] = &["GNUmakefile", "makefile", "Makefile"];
/// Files that Task reads in a folder, in its order.
const TASKFILES: &[&str] =
    &["Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml"];
/// Files that just reads in a folder.
const JUSTFILES: &[&str] = &["justfile", "Justfile", ".justfile"];

impl Reach<'_> {
    /// Follow a call; the number of steps found behind it, or none where its target is not in the repository.
    pub(super) fn resolve(
        &mut self,
        resolver: &str,
        words: &[String],
        class: &Class,
        at: Span,
        frame: &mut Frame,
    ) -> Option<usize> {
        match resolver {
            "script" | "source-file" => self.script(words, class, at, frame),
            "make" => self.targets(words, class, at, frame, MAKEFILES, |p| &p.makefiles),
            "task" => self.targets(words, class, at, frame, TASKFILES, |p| &p.taskfiles),
            "just" => self.targets(words, class, at, frame, JUSTFILES, |p| &p.justfiles),
            "npm" | "npm-names" | "turbo" | "nx" | "node-tasks" => self.npm(words, class, at, frame),
            "workflow" | "dispatch" | "azure-pipelines" | "azure-pipeline" | "tekton" | "argo-workflows" => {
                self.workflow(words, class, at, frame)
            }
            "cloud-build" | "aws-codebuild" | "aws-codepipeline" | "codebuild" | "codepipeline" => {
                self.start_pipeline(words, class, at, frame)
            }
            "pipeline-file" => self.pipeline_file(words, class, at, frame),
            "earthly" => self.referenced(words, at, frame),
            "dockerfile" => {
                self.built_on(class, at, frame);
                Some(1)
            }
            "docker-build" => {
                self.image_build(words, class, at, frame);
                None
            }
            other => match runners::named(other) {
                Some(runner) => self.run_tasks(runner, words, class, at, frame),
                None => None,
            },
        }
    }

    fn script(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) -> Option<usize> {
        let named = class.role(Role::File).next().map(ToOwned::to_owned);
        let word = named.clone().or_else(|| words.iter().find(|w| w.contains('/') || w.contains('.')).cloned())?;
        let index = words.iter().position(|w| *w == word).unwrap_or(0);
        let args: Vec<String> = words[index + 1..].to_vec();
        if let Some(id) = self.links.script(&word, frame.dir.as_deref(), &frame.home) {
            return Some(self.enter_unit(id, frame, at, Some(&args), &[], Folder::Caller));
        }
        let alike = self.links.scripts_like(&word, frame.dir.as_deref());
        if alike.is_empty() || alike.len() > super::MAX_VARIANTS {
            return None;
        }
        let steps = alike.into_iter().map(|id| self.enter_unit(id, frame, at, Some(&args), &[], Folder::Caller)).sum();
        Some(steps)
    }

    /// A file of targets in a folder: the one that is named, else the first of the usual names.
    fn target_file<'p>(
        &self,
        words: &[String],
        dir: &str,
        names: &[&str],
        table: &'p BTreeMap<String, MakeFile>,
    ) -> Option<(&'p str, &'p MakeFile)> {
        let named = value_of(words, &["-f", "--file", "--makefile", "-t", "--taskfile", "--justfile"]);
        let entry = |path: &str| table.get_key_value(path).map(|(k, v)| (k.as_str(), v));
        match named {
            Some(file) => join(dir, file).and_then(|p| entry(&p)).or_else(|| join("", file).and_then(|p| entry(&p))),
            None => names.iter().find_map(|n| join(dir, n).and_then(|p| entry(&p))),
        }
    }

    fn targets(
        &mut self,
        words: &[String],
        class: &Class,
        at: Span,
        frame: &mut Frame,
        names: &[&str],
        table: fn(&Program) -> &BTreeMap<String, MakeFile>,
    ) -> Option<usize> {
        let program = self.program;
        let by_option = value_of(words, &["-C", "--directory", "--dir", "-d"]).map(ToOwned::to_owned);
        let folder = by_option.or_else(|| class.role(Role::Dir).next().map(ToOwned::to_owned));
        let dir = match (&folder, &frame.dir) {
            (Some(to), _) => self.change_dir(frame, &Value::text(to.as_str()))?,
            (None, Some(dir)) => dir.clone(),
            (None, None) => frame.home.clone(),
        };
        let (path, file) = self
            .target_file(words, &dir, names, table(program))
            .or_else(|| {
                // A recipe or script whose folder is not known: the file at the root.
                if folder.is_none() { self.target_file(words, "", names, table(program)) } else { None }
            })
            .or_else(|| {
                // A fragment that nothing includes means its own targets.
                let entry = table(program).get_key_value(self.path_of(frame.unit)).filter(|_| folder.is_none())?;
                Some((entry.0.as_str(), entry.1))
            })?;
        let bind: Vec<(String, Value)> = words[1..]
            .iter()
            .filter_map(|w| w.split_once('='))
            .filter(|(n, _)| !n.starts_with('-') && !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
            .map(|(n, v)| {
                (format!("env.{n}"), if v.contains(HOLE) && v.chars().count() == 1 { Value::Unknown } else { Value::text(v) })
            })
            .collect();
        let mut goals: Vec<String> = self.positional(words).into_iter().filter(|w| !w.contains('=')).collect();
        if goals.is_empty() {
            goals.extend(file.default.clone().or_else(|| file.targets.first().map(|(n, _)| n.clone())));
        }
        let mut total = None;
        for goal in goals {
            // Of a goal that is known in part (`deploy-$ENV`), the known part may fit a pattern.
            if !goal.contains(|c: char| c.is_alphanumeric() && c != HOLE) {
                continue;
            }
            let own = |this: &Self| if folder.is_none() { this.target(this.path_of(frame.unit), &goal) } else { None };
            if let Some(found) = self.target(path, &goal).or_else(|| own(self)) {
                let dir = Folder::At(self.dir_of_target(path, found.unit));
                let steps = self.enter_target(&found, frame, at, &bind, dir);
                total = Some(total.unwrap_or(0) + steps);
            }
        }
        total
    }

    fn dir_of_target(&self, file: &str, id: UnitId) -> Option<String> {
        let unit = self.program.unit(id);
        // A target of an included fragment runs in the folder of the file that includes it.
        let own = self.path_of(id);
        if own == file || unit.dir.is_none() { Some(file.rsplit_once('/').map_or("", |(d, _)| d).to_owned()) } else { None }
    }

    /// A target by name in a file or in what it includes; a pattern target where no other fits.
    pub(super) fn target(&self, file: &str, name: &str) -> Option<Found> {
        let program = self.program;
        let fixed = [&program.makefiles, &program.taskfiles, &program.justfiles, &program.earthfiles];
        for table in fixed.into_iter().chain(program.runners.values()) {
            if table.contains_key(file)
                && let Some(found) = find_target(table, file, name).or_else(|| including(table, file, name))
            {
                return Some(found);
            }
        }
        None
    }

    /// Words that are neither options nor values of options, without the program.
    pub(super) fn positional(&self, words: &[String]) -> Vec<String> {
        let program = words.first().map_or("", String::as_str);
        let mut out = Vec::new();
        let mut skip = false;
        for word in words.iter().skip(1) {
            if skip {
                skip = false;
            } else if word == "--" {
                break;
            } else if word.starts_with('-') && word.len() > 1 {
                skip = !word.contains('=') && self.catalogue.takes_value(program, word);
            } else {
                out.push(word.clone());
            }
        }
        out
    }

    fn package_dirs(&self, words: &[String], class: &Class, frame: &Frame) -> Vec<String> {
        let program = self.program;
        let workspace = value_of(words, &["-w", "--workspace", "--filter", "-F"]).map(ToOwned::to_owned).or_else(|| {
            let at = words.iter().position(|w| w == "workspace")?;
            words.get(at + 1).cloned()
        });
        if let Some(name) = workspace {
            let clean = name.trim_start_matches("./").trim_end_matches("...").to_owned();
            return program
                .packages
                .iter()
                .filter(|(dir, p)| p.name.as_deref().is_some_and(|n| n == clean || glob(&clean, n)) || **dir == clean)
                .map(|(dir, _)| dir.clone())
                .collect();
        }
        let manager = matches!(words.first().map(String::as_str), Some("npm" | "yarn" | "pnpm" | "bun"));
        let prefix = value_of(words, &["--prefix", "--cwd", "-C", "--dir"]).filter(|_| manager).map(ToOwned::to_owned);
        let folder = prefix.or_else(|| class.role(Role::Dir).next().map(ToOwned::to_owned));
        let dir = match folder {
            Some(to) => self.change_dir(frame, &Value::text(to)),
            None => frame.dir.clone().or_else(|| Some(frame.home.clone())),
        };
        let everywhere = words.iter().any(|w| matches!(w.as_str(), "-r" | "--recursive" | "--workspaces" | "-ws" | "foreach"))
            || matches!(words, [first, second, ..] if first == "yarn" && second == "workspaces")
            || matches!(words.first().map(String::as_str), Some("lerna" | "turbo" | "nx" | "lage" | "wsrun" | "moon"));
        if everywhere {
            return program.packages.keys().cloned().collect();
        }
        dir.into_iter().collect()
    }

    fn npm(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) -> Option<usize> {
        let dirs = self.package_dirs(words, class, frame);
        let mut names = self.positional(words);
        while names.first().is_some_and(|n| matches!(n.as_str(), "run" | "run-script" | "workspace" | "workspaces" | "foreach")) {
            if names.remove(0) == "workspace" && !names.is_empty() {
                names.remove(0);
            }
        }
        let many =
            matches!(words[0].as_str(), "concurrently" | "npm-run-all" | "npm-run-all2" | "run-s" | "run-p" | "turbo" | "wireit");
        if starts_a_server(words) {
            // What starts the server is named first, what runs against it last.
            names = names.split_off(names.len().saturating_sub(1));
        } else if !many {
            names.truncate(1);
        }
        let mut total = None;
        for name in names {
            let name = match name.as_str() {
                "t" | "tst" => "test",
                other => script_named(other),
            };
            let everywhere;
            let dirs = if frame.dir.is_none() && dirs.iter().all(|d| !self.has_script(d, name)) {
                // A folder that is not known: the only package that has such a script.
                everywhere = self.program.packages.keys().filter(|d| self.has_script(d, name)).cloned().collect::<Vec<_>>();
                if everywhere.len() == 1 { &everywhere } else { &dirs }
            } else if self.program.unit(frame.unit).kind == UnitKind::Dockerfile && !dirs.iter().any(|d| self.has_script(d, name))
            {
                // An image is often built from a folder above its Dockerfile.
                everywhere = dirs
                    .iter()
                    .find_map(|d| above(d).find(|up| self.has_script(up, name)))
                    .map(ToOwned::to_owned)
                    .into_iter()
                    .collect();
                if everywhere.is_empty() { &dirs } else { &everywhere }
            } else {
                &dirs
            };
            for dir in dirs {
                if let Some(steps) = self.package_script(dir, name, at, frame) {
                    total = Some(total.unwrap_or(0) + steps);
                }
            }
        }
        total
    }

    fn has_script(&self, dir: &str, name: &str) -> bool {
        self.program.packages.get(dir).is_some_and(|p| p.scripts.iter().any(|(s, _)| s == name))
    }

    /// A script of a package with its pre and post scripts.
    fn package_script(&mut self, dir: &str, name: &str, at: Span, frame: &mut Frame) -> Option<usize> {
        let program = self.program;
        let package = program.packages.get(dir)?;
        let mut total = None;
        if name.contains('*') {
            for (script, id) in package.scripts.iter().filter(|(n, _)| glob(name, n)) {
                let _ = script;
                let steps = self.enter_unit(*id, frame, at, None, &[], Folder::At(Some(dir.to_owned())));
                total = Some(total.unwrap_or(0) + steps);
            }
            return total;
        }
        let by_name = |n: &str| package.scripts.iter().find(|(s, _)| s == n).map(|(_, id)| *id);
        let main = by_name(name)?;
        for id in [by_name(&format!("pre{name}")), Some(main), by_name(&format!("post{name}"))].into_iter().flatten() {
            let steps = self.enter_unit(id, frame, at, None, &[], Folder::At(Some(dir.to_owned())));
            total = Some(total.unwrap_or(0) + steps);
        }
        total
    }

    /// The lifecycle scripts that an installation from a manifest runs.
    pub(super) fn lifecycle(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) {
        if !matches!(words[0].as_str(), "npm" | "yarn" | "pnpm" | "bun") || words.iter().any(|w| w == "--ignore-scripts") {
            return;
        }
        for dir in self.package_dirs(words, class, frame) {
            for name in ["preinstall", "install", "postinstall", "prepare"] {
                let id =
                    self.program.packages.get(&dir).and_then(|p| p.scripts.iter().find(|(s, _)| s == name).map(|(_, id)| *id));
                if let Some(id) = id {
                    self.enter_unit(id, frame, at, None, &[], Folder::At(Some(dir.clone())));
                }
            }
        }
    }

    /// A pipeline file of the repository whose jobs a command adds to the run.
    fn pipeline_file(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) -> Option<usize> {
        let path = join("", class.role(Role::File).next()?)?;
        let unit = self.links.at(UnitKind::Pipeline, &path)?;
        let (target, text) = (Target::Unit(unit), words.join(" "));
        self.call(&Call { target, bind: Vec::new(), isolated: false, span: at, text }, frame);
        Some(1)
    }

    /// Another pipeline of the repository that a command starts (ruling 18): upstream, with the caller's automation.
    fn workflow(&mut self, words: &[String], class: &Class, at: Span, frame: &mut Frame) -> Option<usize> {
        let mut names: Vec<String> = class.role(Role::File).chain(class.role(Role::Service)).map(ToOwned::to_owned).collect();
        names.extend(self.positional(words).into_iter().skip(1));
        names.extend(value_of(words, &["--name"]).map(ToOwned::to_owned));
        // An object of a cluster is named with its kind: `workflowtemplate/deploy`.
        let short: Vec<String> = names.iter().filter_map(|n| Some(n.split_once('/')?.1.to_owned())).collect();
        names.extend(short);
        let pipelines: Vec<UnitId> = names
            .iter()
            .find_map(|n| Some(self.links.pipelines(n)).filter(|p| !p.is_empty()))
            .or_else(|| names.iter().find_map(|n| self.links.named_on_server(n)).map(|id| vec![id]))?;
        if frame.depth >= super::MAX_DEPTH {
            return Some(1);
        }
        for id in pipelines {
            let program = self.program;
            let starts = &program.unit(id).starts;
            let start = starts
                .iter()
                .position(|s| s.event == Event::Manual)
                .or_else(|| starts.iter().position(|s| s.event == Event::Api));
            // One that nothing starts by itself is there to be started so.
            let start = start.or_else(|| starts.is_empty().then_some(0));
            let Some(start) = start else { continue };
            let mut way = frame.way.clone();
            way.event = Some(Event::Upstream);
            Rc::make_mut(&mut way.chain).push(Link { kind: LinkKind::Event, name: Event::Upstream.to_string(), span: at });
            let extra = fields(words).into_iter().map(|(n, v)| (format!("input.{n}"), v)).collect();
            self.found.called.insert(id);
            self.pending.push(super::pipelines::Started {
                pipeline: id,
                start,
                way,
                extra,
                depth: frame.depth + 1,
                deployed: false,
            });
        }
        Some(1)
    }
}

/// The script that an argument of a runner names: `build`, `npm:build`, `npm run build -- --fast`.
fn script_named(argument: &str) -> &str {
    let mut words = argument.split_whitespace().map(|w| w.trim_start_matches("npm:")).peekable();
    if words.next_if(|w| matches!(*w, "npm" | "yarn" | "pnpm" | "bun")).is_some() {
        words.next_if(|w| matches!(*w, "run" | "run-script"));
    }
    words.next().unwrap_or(argument)
}

/// The folders above one, the nearest first, `""` for the root.
pub(super) fn above(dir: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(dir).filter(|d| !d.is_empty()), |d| {
        (!d.is_empty()).then(|| d.rsplit_once('/').map_or("", |(up, _)| up))
    })
    .skip(1)
}

/// `start-server-and-test START URL TEST`.
pub(super) fn starts_a_server(words: &[String]) -> bool {
    matches!(words.first().map(String::as_str), Some("start-server-and-test" | "server-test"))
}

/// A fragment's prerequisite may stand in the file that includes it.
fn including(table: &BTreeMap<String, MakeFile>, file: &str, name: &str) -> Option<Found> {
    table.iter().filter(|(_, f)| f.includes.iter().any(|i| i.path == file)).find_map(|(path, _)| find_target(table, path, name))
}

/// The value of the first of these options: `-o v`, `--opt=v`.
pub(super) fn value_of<'w>(words: &'w [String], options: &[&str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(i, w)| {
        if options.contains(&w.as_str()) {
            return words.get(i + 1).map(String::as_str);
        }
        options.iter().filter(|o| o.starts_with("--")).find_map(|o| w.strip_prefix(o).and_then(|r| r.strip_prefix('=')))
    })
}

/// `-f name=value` fields, `-p name=value` and `--parameters name=value …` of a command that starts a pipeline.
fn fields(words: &[String]) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    let mut list = false;
    for (i, word) in words.iter().enumerate() {
        let field = i > 0 && matches!(words[i - 1].as_str(), "-f" | "-F" | "--field" | "--raw-field" | "-p" | "--param");
        if word.starts_with('-') {
            list = word == "--parameters";
        } else if (field || list)
            && let Some((name, value)) = word.split_once('=')
        {
            out.push((name.to_owned(), Value::text(value)));
        }
    }
    out
}
