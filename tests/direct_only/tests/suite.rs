//! Tests of the workspace, with direct slots alone.

#[path = "../../macro_forms.rs"]
mod macro_forms;
#[path = "../../owners.rs"]
mod owners;
