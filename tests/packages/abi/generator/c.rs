//! The callers of a program, in C.

use std::fmt::Write;

use super::{Aggregate, Callers, Program, Shape, Signature, Type};

/// One caller for each signature, and their table.
pub(crate) fn callers(program: &Program) -> String {
    let mut text = format!("#define SEED {:#x}u\n#include \"values.h\"\n\n", program.seed);
    for (index, aggregate) in program.aggregates.iter().enumerate() {
        text += &declare(index, aggregate);
    }
    for (index, signature) in program.signatures.iter().enumerate() {
        text += &caller(index, signature);
    }
    text += "const caller CALLERS[] = {\n";
    for (index, signature) in program.signatures.iter().enumerate() {
        let mut caller = format!("call_{index}");
        for but in &signature.but {
            caller = match but {
                Callers::All => continue,
                Callers::Gcc => format!("BUT_GCC({caller})"),
                Callers::OldClang => format!("BUT_OLD_CLANG({caller})"),
            };
        }
        let _ = writeln!(text, "    {caller},");
    }
    text + "};\n"
}

/// The type, how to make a value of it, and how to compare two.
fn declare(index: usize, aggregate: &Aggregate) -> String {
    let keyword = match aggregate.shape {
        Shape::Struct => "struct",
        Shape::Packed => "struct __attribute__((packed))",
        Shape::Aligned(16) => "struct __attribute__((aligned(16)))",
        Shape::Aligned(32) => "struct __attribute__((aligned(32)))",
        Shape::Aligned(_) => "struct __attribute__((aligned(64)))",
        Shape::Union(_) => "union",
    };
    let (mut declared, mut made, mut compared) = (String::new(), String::new(), String::new());
    for (field, of) in aggregate.fields.iter().enumerate() {
        let (of, count, each, at) = match of {
            Type::Array(of, count) => {
                (&**of, format!("[{count}]"), format!("for (int i = 0; i < {count}; i++) "), "[i]")
            }
            of => (of, String::new(), String::new(), ""),
        };
        let _ = writeln!(declared, "    {} f{field}{count};", of.name());
        if matches!(aggregate.shape, Shape::Union(through) if through != field) {
            continue;
        }
        let _ = writeln!(made, "    {each}{};", make(of, &format!("v->f{field}{at}")));
        let same = same(of, &format!("a->f{field}{at}"), &format!("b->f{field}{at}"));
        let _ = writeln!(compared, "    {each}same &= {same};");
    }
    format!(
        "typedef {keyword} {{
{declared}}} S{index};
static void make_S{index}(S{index} *v, struct values *values) {{
{made}}}
static bool same_S{index}(const S{index} *a, const S{index} *b) {{
    bool same = true;
{compared}    return same;
}}

"
    )
}

fn caller(index: usize, signature: &Signature) -> String {
    let Signature { convention, parameters, result, .. } = signature;
    let result_type = result.as_ref().map_or("void".into(), Type::name);
    let mut text = format!(
        "static uint64_t call_{index}(void (*target)(void)) {{
    struct values generator = values_of({index}), *values = &generator;
"
    );
    for (parameter, of) in parameters.iter().enumerate() {
        let place = format!("a{parameter}");
        let _ = writeln!(text, "    {} {place};\n    {};", of.name(), make(of, &place));
    }
    let types = parameters.iter().map(Type::name).collect::<Vec<_>>().join(", ");
    let types = if types.is_empty() { "void" } else { &types };
    let arguments = (0..parameters.len()).map(|parameter| format!("a{parameter}")).collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "    {result_type} ({} *guarded)({types}) = {};", convention.c, convention.guard);
    // On i386 this is the address of a struct, in every convention.
    let mut taken_off = if matches!(result, Some(Type::Aggregate(_))) { "4" } else { "0" }.to_string();
    if convention.takes_arguments_off {
        for parameter in convention.register_words..parameters.len() {
            let _ = write!(taken_off, " + STACK_BYTES(a{parameter})");
        }
    }
    let _ = writeln!(text, "    TAKES_OFF({taken_off});\n    abi_guard_target = target;");
    match result {
        None => {
            let _ = writeln!(text, "    guarded({arguments});\n    return abi_guard_changed;\n}}\n");
        }
        Some(result) => {
            let _ = writeln!(
                text,
                "    {result_type} received = guarded({arguments}), sent;\n    {};",
                make(result, "sent")
            );
            let same = same(result, "received", "sent");
            let _ = writeln!(text, "    return abi_guard_changed | ({same} ? 0 : RESULT_DIFFERS);\n}}\n");
        }
    }
    text
}

fn make(of: &Type, place: &str) -> String {
    match of {
        Type::Aggregate(index) => format!("make_S{index}(&{place}, values)"),
        other => format!("{place} = draw_{}(values)", other.name()),
    }
}

fn same(of: &Type, a: &str, b: &str) -> String {
    match of {
        Type::Aggregate(index) => format!("same_S{index}(&{a}, &{b})"),
        Type::Vector(_) => format!("(memcmp(&{a}, &{b}, sizeof {a}) == 0)"),
        _ => format!("({a} == {b})"),
    }
}
