//! Groups of files that differ by the name of an environment.

use super::naming::{GAP, Naming, bases, naming};
use super::{Group, Keys, Member, dotenv, group_vars, lists, tfvars, values};
use crate::catalogue::Catalogue;
use crate::model::{Program, UnitKind};
use crate::source::{FileId, SourceFile, SourceSet, paths};
use crate::syntax::yaml::Readings;
use std::collections::{BTreeMap, BTreeSet};

/// How the keys of a file are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Yaml,
    GroupVars,
    Variables,
    Json,
    Dotenv,
    Properties,
}

/// Files of one pattern, with what each is named.
type Alike<'s> = BTreeMap<(String, Form), Vec<(&'s str, Naming)>>;

/// The groups of a repository.
pub(super) fn groups(sources: &SourceSet, program: &Program, readings: &Readings) -> Vec<Group> {
    let pipelines: BTreeSet<FileId> =
        program.units.iter().filter(|u| u.kind == UnitKind::Pipeline).map(|u| u.span.file).collect();
    let mut alike: Alike<'_> = BTreeMap::new();
    let unread = sources.skipped.iter().chain(&sources.unread).map(|p| p.path.as_str());
    let read = sources.files().iter().filter(|f| !pipelines.contains(&f.id)).map(|f| f.path.as_str());
    for path in read.chain(unread) {
        let Some(form) = form(path).filter(|_| is_product(path, sources)) else { continue };
        let Some(naming) = naming(path) else { continue };
        if form == Form::Yaml && !is_setting(path, &naming.pattern) {
            continue;
        }
        let pattern = if form == Form::GroupVars { group_vars::pattern(&naming.pattern) } else { naming.pattern.clone() };
        alike.entry((pattern, form)).or_default().push((path, naming));
    }
    let several = |files: &Vec<(&str, Naming)>| files.iter().any(|(_, n)| n.environment != files[0].1.environment);
    let alike = alike.into_iter().filter(|(_, files)| several(files));
    alike.filter_map(|((pattern, form), files)| group(&pattern, form, &files, sources, readings)).collect()
}

fn group(pattern: &str, form: Form, files: &[(&str, Naming)], sources: &SourceSet, readings: &Readings) -> Option<Group> {
    let mut members: Vec<Member> = Vec::new();
    for (path, naming) in files {
        let file = sources.get(path);
        let read = match file {
            Some(file) => keys(file, form, readings),
            None => Some((Keys::default(), true)),
        };
        let Some((keys, open)) = read else { continue };
        // The files of a folder of variables are one.
        let same = members.iter_mut().find(|m| form == Form::GroupVars && m.environment == naming.environment);
        if let Some(member) = same {
            member.keys.extend(keys);
            member.open |= open;
        } else {
            members.push(Member {
                environment: naming.environment.clone(),
                tier: naming.tier,
                label: (*path).to_owned(),
                span: file.map(SourceFile::whole),
                keys,
                open,
            });
        }
    }
    let base = base_files(pattern, form, sources).into_iter().filter(|f| files.iter().all(|(path, _)| *path != f.path));
    let base = base.filter_map(|f| keys(f, form, readings)).flat_map(|(keys, _)| keys.names().cloned().collect::<Vec<_>>());
    Some(Group { name: pattern.to_owned(), of_jobs: false, base: base.collect(), members }).filter(|g| g.members.len() > 1)
}

/// The keys of a file, and whether there may be more.
fn keys(file: &SourceFile, form: Form, readings: &Readings) -> Option<(Keys, bool)> {
    match form {
        Form::Yaml | Form::GroupVars => values::of_yaml(file, readings),
        Form::Json => values::of_json(file),
        Form::Variables if file.path.ends_with(".json") => values::of_json(file),
        Form::Variables => Some(tfvars::of(file)),
        Form::Dotenv => Some(dotenv::of(file, false)),
        Form::Properties => Some(dotenv::of(file, true)),
    }
}

/// The form of a file that may hold settings.
fn form(path: &str) -> Option<Form> {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let (stem, ext) = name.rsplit_once('.').unwrap_or((name, ""));
    let sample = name.split(['.', '-', '_']).any(|word| lists().samples.contains(word));
    let yaml = matches!(ext, "yml" | "yaml");
    match ext {
        _ if group_vars::is_one(path) && (yaml || ext.is_empty()) => Some(Form::GroupVars),
        _ if sample => None,
        // Terraform reads these for every environment.
        "tfvars" if stem.ends_with(".auto") => None,
        "tfvars" => Some(Form::Variables),
        "json" if stem.ends_with(".tfvars") => Some(Form::Variables),
        "json" if stem.starts_with("appsettings") => Some(Form::Json),
        "properties" => Some(Form::Properties),
        "env" => Some(Form::Dotenv),
        _ if name.starts_with(".env") => Some(Form::Dotenv),
        _ if yaml => Some(Form::Yaml),
        _ => None,
    }
}

/// Whether a file belongs to the product, and is neither an example nor other people's.
fn is_product(path: &str, sources: &SourceSet) -> bool {
    let catalogue = Catalogue::embedded();
    let environment = |dir: &str| catalogue.environments().beside_others(dir, &sources.dirs);
    let folders = paths::directory(path);
    let passed = folders.split('/').any(|f| lists().not_in.contains(f) || (f.len() > 1 && f.starts_with('.')));
    !passed && !folders.contains("src/test") && !catalogue.words().fixture_unless(path, environment)
}

/// Whether a YAML file's name is one of settings: a word says so, or there is nothing but the environment.
fn is_setting(path: &str, pattern: &str) -> bool {
    let name = pattern.rsplit('/').next().unwrap_or(pattern).to_ascii_lowercase();
    let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
    let mut words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    let compose = path.contains("compose");
    !compose && (stem == GAP || words.any(|w| lists().settings.contains(w)))
}

/// Files that say something for every environment of a pattern.
fn base_files<'s>(pattern: &str, form: Form, sources: &'s SourceSet) -> Vec<&'s SourceFile> {
    let mut out: Vec<&SourceFile> = bases(pattern).iter().filter_map(|path| sources.get(path)).collect();
    let dir = paths::directory(pattern);
    let fixed = dir.split(GAP).next().unwrap_or(dir).trim_end_matches('/');
    let beside = |f: &&SourceFile| f.dir() == dir || f.dir() == fixed;
    let all = sources.files().iter();
    match form {
        Form::GroupVars => out.extend(all.filter(|f| group_vars::is_base(&f.path, pattern))),
        Form::Variables => {
            let own = |f: &&SourceFile| f.name() == "terraform.tfvars" || f.name().contains(".auto.tfvars");
            out.extend(all.filter(own).filter(beside));
        }
        Form::Yaml => {
            // The chart that the values are for stands above, or in a folder beside them.
            let own = |f: &&SourceFile| matches!(f.name(), "values.yaml" | "values.yml");
            let near = |f: &&SourceFile| paths::directory(f.dir()) == fixed || paths::is_under(fixed, f.dir());
            let chart = |f: &&SourceFile| sources.get(&format!("{}/Chart.yaml", f.dir())).is_some();
            out.extend(all.filter(own).filter(near).filter(chart));
        }
        Form::Dotenv => out.extend(all.filter(|f| f.name() == ".env").filter(beside)),
        Form::Json | Form::Properties => {}
    }
    out
}
