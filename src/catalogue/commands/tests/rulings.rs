//! The tables against the rulings of the model.
