//! What is wrong with a rule, and where in its file.

use crate::syntax::yaml::Node;

/// A fault of a rule's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The keys and items that lead to it from the file's top.
    at: Vec<At>,
    /// What is wrong, in words.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Key(&'static str),
    Item(usize),
}

impl Fault {
    /// A fault of the file as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { at: Vec::new(), message: message.into() }
    }

    /// The same under a key.
    #[must_use]
    pub fn under(mut self, key: &'static str) -> Self {
        self.at.insert(0, At::Key(key));
        self
    }

    /// The same in an item of a list.
    #[must_use]
    pub fn item(mut self, index: usize) -> Self {
        self.at.insert(0, At::Item(index));
        self
    }

    /// The byte at which it stands in the file whose top is `root`.
    pub fn offset(&self, root: Node<'_>) -> u32 {
        let mut node = root;
        let mut at = root.span().start;
        for step in &self.at {
            match step {
                At::Key(key) => {
                    let entries = node.entries();
                    let Some(entry) = entries.iter().find(|e| e.name() == *key) else { break };
                    at = entry.span().start;
                    node = entry.value;
                }
                At::Item(index) => {
                    let Some(item) = node.items().get(*index).copied() else { break };
                    at = item.span().start;
                    node = item;
                }
            }
        }
        if self.at.is_empty()
            && let Some(key) = self.message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next())
            && let Some(entry) = root.entries().iter().find(|e| e.name() == key)
        {
            at = entry.span().start;
        }
        at
    }
}

/// A hint at the word that was meant: `, did you mean \`…\`?`, or nothing.
pub fn meant(word: &str, known: &[&str]) -> String {
    let close = similar::get_close_matches(word, known, 1, 0.6);
    close.first().map_or_else(String::new, |best| format!("; did you mean `{best}`?"))
}
