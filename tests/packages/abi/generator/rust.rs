//! The types and signatures of a program, as the macros in `random_abi.rs` take them.

use std::fmt::Write;

use super::{Program, Shape, Type};

pub(crate) fn signatures(program: &Program, compilers: &[&str]) -> String {
    let count = program.signatures.len();
    let mut text = format!("const SEED: u64 = {:#x};\n", program.seed);
    text += "\nunsafe extern \"C\" {\n";
    for compiler in compilers {
        let _ = writeln!(text, "    safe static abi_callers_{compiler}: [Option<Caller>; {count}];");
    }
    text += "}\nstatic COMPILERS: &[(&str, &[Option<Caller>; {count}])] = &[\n"
        .replace("{count}", &count.to_string())
        .as_str();
    for compiler in compilers {
        let _ = writeln!(text, "    (\"{compiler}\", &abi_callers_{compiler}),");
    }
    text += "];\n\n";
    for vector in program.vectors {
        let _ = writeln!(text, "vector! {{ {} = {} as {} }}", vector.name, vector.rust, vector.lanes);
    }
    for (index, aggregate) in program.aggregates.iter().enumerate() {
        let fields: Vec<_> = aggregate.fields.iter().enumerate().map(named("f")).collect();
        let all = fields.join(", ");
        let _ = match aggregate.shape {
            Shape::Struct => writeln!(text, "structure! {{ [C] S{index} {{ {all} }} }}"),
            Shape::Packed => writeln!(text, "structure! {{ [C, packed] S{index} {{ {all} }} }}"),
            Shape::Aligned(bytes) => writeln!(text, "structure! {{ [C, align({bytes})] S{index} {{ {all} }} }}"),
            Shape::Union(through) => writeln!(text, "choice! {{ S{index} {{ {all} }} f{through} }}"),
        };
    }
    text += "\nsignatures! {\n";
    let (declared, dynamic) = program.signatures.split_at(count - program.dynamic);
    for (index, signature) in declared.iter().enumerate() {
        let parameters: Vec<_> = signature.parameters.iter().enumerate().map(named("a")).collect();
        let parameters = parameters.join(", ");
        let result = signature.result.as_ref().map_or("()".into(), Type::name);
        let _ = writeln!(text, "    s{index} {index} {:?} fn({parameters}) -> {result};", signature.convention.rust);
    }
    text += "}\n\ndynamic! {\n";
    for (index, signature) in (declared.len()..).zip(dynamic) {
        let parameters = signature.parameters.iter().map(Type::name).collect::<Vec<_>>().join(", ");
        let result = signature.result.as_ref().map_or("()".into(), Type::name);
        let _ = writeln!(text, "    {index} ({parameters}) -> {result};");
    }
    text + "}\n"
}

fn named(prefix: &str) -> impl Fn((usize, &Type)) -> String {
    move |(index, of)| format!("{prefix}{index}: {}", of.name())
}
