//! `callers/callers.c`, and the types of the callbacks that it calls.

use std::ffi::c_void;

pub type Callback0 = unsafe extern "C" fn() -> u64;
pub type Callback3 = unsafe extern "C" fn(u64, u64, u64) -> u64;
pub type Callback9 = unsafe extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64) -> u64;
pub type CallbackMixed3 = unsafe extern "C" fn(u64, f64, u64) -> f64;
pub type CallbackMixed10 = unsafe extern "C" fn(i32, f64, u64, f64, *const c_void, i32, i32, i32, u64, f64) -> f64;

pub type Callback0WithData = unsafe extern "C" fn(*mut c_void) -> u64;
pub type Callback3WithData = unsafe extern "C" fn(u64, u64, u64, *mut c_void) -> u64;
pub type Callback9WithData = unsafe extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64, u64, *mut c_void) -> u64;

/// A loop that makes so many calls.
pub type Loop<Callback, Sum = u64> = unsafe extern "C" fn(Callback, u64) -> Sum;

/// Each alternative has a loop of its own.
pub const WAYS: usize = 9;

unsafe extern "C" {
    pub safe static call_0: [Loop<Callback0>; WAYS];
    pub safe static call_3: [Loop<Callback3>; WAYS];
    pub safe static call_9: [Loop<Callback9>; WAYS];
    pub safe static call_mixed_3: [Loop<CallbackMixed3, f64>; WAYS];
    pub safe static call_mixed_10: [Loop<CallbackMixed10, f64>; WAYS];

    pub fn call_0_with_data(callback: Callback0WithData, data: *mut c_void, times: u64) -> u64;
    pub fn call_3_with_data(callback: Callback3WithData, data: *mut c_void, times: u64) -> u64;
    pub fn call_9_with_data(callback: Callback9WithData, data: *mut c_void, times: u64) -> u64;
}
