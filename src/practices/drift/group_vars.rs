//! Ansible's `group_vars` (<https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html>): a file or a folder a
//! group, and what every group gets.

use super::naming::GAP;

const FOLDER: &str = "group_vars/";

/// Whether a path is one of variables of a group.
pub(super) fn is_one(path: &str) -> bool {
    path.starts_with(FOLDER) || path.contains(&format!("/{FOLDER}"))
}

/// The group's pattern: a folder of variables counts as one file.
pub(super) fn pattern(pattern: &str) -> String {
    let Some(at) = pattern.find(FOLDER) else { return pattern.to_owned() };
    let (before, group) = pattern.split_at(at + FOLDER.len());
    let group = group.split('/').next().unwrap_or(group);
    let group = group.trim_end_matches(".yaml").trim_end_matches(".yml").trim_end_matches(".json");
    format!("{before}{group}")
}

/// Whether a file's variables are there for the groups of a pattern.
pub(super) fn is_base(path: &str, pattern: &str) -> bool {
    let defaults = ["/defaults/main.yml", "/defaults/main.yaml", "/defaults/main/"];
    if path.contains("roles/") && defaults.iter().any(|d| path.contains(d)) {
        return true;
    }
    let Some((before, group)) = pattern.split_once(FOLDER) else { return false };
    let all = |rest: &str| rest == "all" || rest.starts_with("all.") || rest.starts_with("all/");
    // Beside the inventories of environments, one for all of them.
    let folders = [before, before.split(GAP).next().unwrap_or(before)];
    let beside = |folder: &str| path.strip_prefix(folder).and_then(|rest| rest.strip_prefix(FOLDER)).is_some_and(all);
    (group != "all" && beside(before)) || (before.contains(GAP) && beside(folders[1])) || (before.contains(GAP) && beside(""))
}
