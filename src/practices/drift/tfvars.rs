//! Keys of Terraform's variable files.

use super::Keys;
use crate::source::SourceFile;
use crate::syntax::hcl::{self, ValueKind};

/// The keys of a variable file, and whether there may be more.
pub(super) fn of(file: &SourceFile) -> (Keys, bool) {
    let document = hcl::parse(file);
    let mut keys = Keys::default();
    for attribute in &document.body.attributes {
        if let Some(name) = keys.add(None, &attribute.name, attribute.span) {
            below(&attribute.value, &name, &mut keys);
        }
    }
    let open = document.partly() || keys.partly;
    (keys, open)
}

fn below(value: &hcl::Value, above: &str, keys: &mut Keys) {
    let ValueKind::Map(entries) = &value.kind else { return };
    for (key, value) in entries {
        if let Some(name) = keys.add(Some(above), key, value.span) {
            below(value, &name, keys);
        }
    }
}
