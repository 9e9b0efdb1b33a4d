//! What front ends of scripts and task runners share: bodies whose lines have a shell of their own, and names that say that
//! something only runs on a developer's machine.

use crate::model::{Block, BlockKind, Item};
use crate::source::Span;

/// Whether the name of a target or script says that it runs the product on a developer's machine (model ruling 7).
pub fn is_local(name: &str) -> bool {
    let mut parts = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty());
    let first = parts.next().unwrap_or("");
    let anywhere = |part: &str| matches!(part, "watch" | "local" | "locally");
    matches!(first, "start" | "serve") || anywhere(first) || parts.any(anywhere)
}

/// The items of one line: where it changes its shell (directory, variables), or its failure is ignored, in a block that ends
/// with the line.
pub fn apart(items: Vec<Item>, ignored: bool, span: Span) -> Vec<Item> {
    let leaks = |i: &Item| matches!(i, Item::Chdir(_) | Item::Assign { .. } | Item::Source { .. });
    if items.is_empty() || !(ignored || items.iter().any(leaks)) {
        return items;
    }
    let mut block = Block::new(BlockKind::Subshell, span);
    block.continue_on_error = ignored;
    block.items = items;
    vec![Item::Block(Box::new(block))]
}
