//! Where a run writes to.

use std::io::Write;

/// Standard output and standard error. A pipe that its reader closed (`| head`) takes no more, and that is no fault.
pub struct Output<'a, O: Write, E: Write> {
    out: &'a mut O,
    err: &'a mut E,
}

impl<'a, O: Write, E: Write> Output<'a, O, E> {
    /// Write to these.
    pub fn new(out: &'a mut O, err: &'a mut E) -> Self {
        Self { out, err }
    }

    /// The answer. What cannot be written is lost: there is nowhere else to say so, and the exit code tells the result.
    pub fn text(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    /// A message of one line.
    pub fn message(&mut self, text: &str) {
        self.error(&format!("prodpath: {text}\n"));
    }

    /// An error as it is.
    pub fn error(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }
}
