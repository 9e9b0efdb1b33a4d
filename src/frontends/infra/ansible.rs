//! Ansible playbooks (<https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_intro.html>): each is applied as a
//! whole, its tasks are no steps (model ruling 8). Task files of roles are no playbooks.

mod shells;
mod tasks;

use super::{content, is_yaml};
use crate::catalogue::Catalogue;
use crate::model::{Applicable, Call, Expr, Item, OrphanKind, Program, Target, Unit, UnitId, UnitKind};
use crate::source::paths::join;
use crate::source::{SourceFile, SourceSet, Span};
use crate::syntax::mask;
use crate::syntax::yaml::{self, Node, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Keys of a play that do something on its hosts.
const WORK: &[&str] = &["tasks", "roles", "pre_tasks", "post_tasks", "handlers"];

/// Keys that take another playbook in.
const IMPORTS: &[&str] = &["import_playbook", "ansible.builtin.import_playbook", "include"];

/// A playbook that was read.
struct Playbook<'s> {
    file: &'s SourceFile,
    /// The playbooks that it takes in: path and place.
    imports: Vec<(String, Span)>,
    /// All its plays run on the machine that starts it, a virtual one.
    virtual_machine: bool,
}

/// Read every playbook.
pub fn translate(sources: &SourceSet, catalogue: &Catalogue, program: &mut Program) {
    shells::translate(sources, catalogue, program);
    let words = catalogue.words();
    let candidates = sources.files().iter().filter(|f| may_be_playbook(f) && !words.fixture_path(&f.path));
    for file in sources.files().iter().filter(|f| f.text.starts_with("$ANSIBLE_VAULT;")) {
        let first = file.text.lines().next().map_or(0, str::len);
        program.unknowns.push((Span::new(file.id, 0, first), "encrypted by ansible-vault: what it sets is not known".to_owned()));
    }
    let playbooks: Vec<Playbook> = candidates.filter_map(|f| read(f, program)).collect();
    let vagrant = by_vagrant(sources);
    let imported: BTreeSet<&str> = playbooks
        .iter()
        .flat_map(|p| p.imports.iter().filter(|(path, _)| *path != p.file.path).map(|(path, _)| path.as_str()))
        .collect();
    let mut units: BTreeMap<&str, UnitId> = BTreeMap::new();
    for playbook in &playbooks {
        let path = playbook.file.path.as_str();
        let mut unit = Unit::new(UnitKind::Playbook, path, content(playbook.file));
        unit.dir = Some(Expr::lit(playbook.file.dir()));
        let local = words.local_file(path) || vagrant.iter().any(|v| runs(v, path)) || playbook.virtual_machine;
        unit.local_only = local;
        let unit = program.add(unit);
        units.insert(path, unit);
        program.playbooks.insert(path.to_owned(), tasks::read(sources, catalogue, path));
        if !imported.contains(path) {
            program.applicables.push(Applicable {
                kind: OrphanKind::Playbook,
                unit,
                path: path.to_owned(),
                deploys: false,
                only_configuration: false,
                shared: !local,
            });
        }
    }
    for playbook in &playbooks {
        let calls = playbook.imports.iter().filter_map(|(path, span)| {
            let target = Target::Unit(*units.get(path.as_str())?);
            let text = format!("import_playbook: {path}");
            Some(Item::Call(Box::new(Call { target, bind: Vec::new(), isolated: false, span: *span, text })))
        });
        if let Some(unit) = units.get(playbook.file.path.as_str()) {
            program.unit_mut(*unit).body.extend(calls);
        }
    }
}

/// Whether a file may be a playbook, by its path and a word.
fn may_be_playbook(file: &SourceFile) -> bool {
    is_yaml(file)
        && !file.dir().split('/').any(|part| matches!(part, "roles" | "molecule" | "collections"))
        && (file.text.contains("hosts:") || file.text.contains("import_playbook:"))
}

/// A playbook, where a file is one.
fn read<'s>(file: &'s SourceFile, program: &mut Program) -> Option<Playbook<'s>> {
    let mut tree = yaml::parse(file);
    if tree.partly && file.text.contains("{{") {
        tree = yaml::parse_masked(file.id, mask::template(&file.text).0);
    }
    let plays = tree.root().filter(Node::is_sequence)?.items();
    let import = |play: &Node| IMPORTS.iter().find_map(|key| Some((play.get_str(key)?.to_owned(), play.item_span())));
    let works = |play: &Node| play.get("hosts").is_some() && WORK.iter().any(|key| play.get(key).is_some());
    if !plays.iter().any(|p| works(p) || import(p).is_some()) {
        return None;
    }
    report(&tree, file, program);
    let imports = plays.iter().filter_map(import);
    let imports = imports.filter_map(|(path, span)| Some((join(file.dir(), &path)?, span))).collect();
    let local = plays.iter().all(|p| p.get_str("connection") == Some("local"));
    Some(Playbook { file, imports, virtual_machine: local && file.text.contains("/home/vagrant") })
}

fn report(tree: &Tree, file: &SourceFile, program: &mut Program) {
    program.diagnostics.extend(tree.diagnostics.iter().cloned());
    if tree.partly {
        program.partly_read.push((file.id, "a play is not valid YAML".to_owned()));
    }
}

/// The playbooks that Vagrantfiles run on a developer's virtual machine (<https://developer.hashicorp.com/vagrant/docs/provisioning/ansible>).
fn by_vagrant(sources: &SourceSet) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for file in sources.files().iter().filter(|f| f.name() == "Vagrantfile") {
        for line in file.text.lines().filter(|l| l.contains(".playbook")) {
            let value = line.split_once('=').map_or("", |(_, v)| v.trim().trim_matches(['"', '\'']));
            out.extend(if value.starts_with('/') { Some(value.to_owned()) } else { join(file.dir(), value) });
        }
    }
    out
}

/// Whether a path of a Vagrantfile is that of a playbook; an absolute one is in the machine's copy of the repository.
fn runs(named: &str, path: &str) -> bool {
    named == path || (named.starts_with('/') && named.strip_suffix(path).is_some_and(|folder| folder.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playbooks_are_told_from_task_files() {
        let mut sources = SourceSet::default();
        sources.add("ansible/site.yml", "- import_playbook: web.yml\n- import_playbook: ../gone.yml\n");
        sources.add("ansible/web.yml", "---\n- hosts: web\n  roles: [{role: web}]\n");
        sources.add("ansible/roles/web/playbook.yml", "- hosts: all\n  roles: [web]\n");
        sources.add("ansible/tasks/main.yml", "- name: hosts\n  shell: echo hosts:\n");
        sources.add("ansible/dev.yml", "- hosts: all\n  tasks: []\n");
        sources.add("ingress.yaml", "kind: Ingress\nspec:\n  tls:\n  - hosts: [a]\n");
        sources.add("Vagrantfile", "config.vm.provision \"ansible\" do |a|\n  a.playbook = \"ansible/dev.yml\"\nend\n");
        let mut program = Program::default();
        translate(&sources, Catalogue::embedded(), &mut program);
        let paths: Vec<_> = program.applicables.iter().map(|a| a.path.as_str()).collect();
        assert_eq!(paths, ["ansible/site.yml", "ansible/dev.yml"]);
        let local: Vec<_> = program.units.iter().map(|u| (u.name.as_str(), u.local_only, u.body.len())).collect();
        assert!(runs("/opt/app/ansible/dev.yml", "ansible/dev.yml") && !runs("/opt/my-ansible/dev.yml", "ansible/dev.yml"));
        assert_eq!(local, [("ansible/site.yml", false, 1), ("ansible/web.yml", false, 0), ("ansible/dev.yml", true, 0)]);
    }
}
