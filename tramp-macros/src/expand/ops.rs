//! Form D: `impl Disk { extern "C" fn read(&mut self, …) -> isize { … } … }`

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, GenericParam, Generics, Ident, ImplItem, Lifetime, LifetimeParam, Type};

use crate::expand::{lints, signature};
use crate::names;
use crate::parse::args::Args;
use crate::parse::cfg;
use crate::parse::generics;
use crate::parse::ops::{Entry, Ops};

pub(super) fn expand(ops: &Ops, c_struct: &Type, args: &Args) -> TokenStream {
    let Ops { block, entries, state, .. } = ops;
    let mut block = block.clone();
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            signature::receive_variable(&mut method.sig, &args.runtime);
        }
    }
    let generics = with_lifetimes(ops, None);
    let (impl_generics, _, _) = generics.split_for_impl();
    let lints = lints::lint_levels(&block.attrs);
    let block_cfgs: Vec<_> = block.attrs.iter().filter(|attr| cfg::is_condition(attr)).collect();
    let signatures = entries.iter().map(|entry| signature(ops, entry, args));
    let bind_to = bind_to(ops, c_struct, args);
    let bind_any = bind(ops, c_struct, Threads::Any, args);
    let bind_this = bind(ops, c_struct, Threads::This, args);
    // A call that takes the state has nothing to take of one that is lent.
    let lends = (!ops.has_last())
        .then(|| [lend(ops, c_struct, Threads::Any, args), lend(ops, c_struct, Threads::This, args)])
        .into_iter()
        .flatten();
    quote! {
        #block

        #(#block_cfgs)*
        #lints
        const _: () = {
            #(#signatures)*

            #bind_to

            impl #impl_generics #state {
                #bind_any
                #bind_this
                #(#lends)*
            }
        };
    }
}

/// The type parameters with the lifetimes of the state, and with one more in front.
fn with_lifetimes(ops: &Ops, first: Option<&Lifetime>) -> Generics {
    let mut generics = ops.generics.clone();
    let first = first.map(|lifetime| LifetimeParam::new(lifetime.clone()));
    let lifetimes = first.into_iter().chain(ops.lifetimes.iter().cloned()).map(GenericParam::Lifetime);
    generics.params = lifetimes.chain(generics.params).collect();
    generics
}

/// A type with the signature of the entry.
fn signature(ops: &Ops, entry: &Entry, args: &Args) -> TokenStream {
    let name = signature_name(entry);
    let generics = &ops.generics;
    let marker = signature::marker(generics);
    let cfgs: Vec<_> = conditions(entry).collect();
    let signature = signature::signature(&name, generics, &entry.callback, args);
    let lints = lints::lint_levels(&entry.method.attrs);
    let ffi_check = signature::ffi_check(generics, &entry.callback);
    quote! {
        #(#cfgs)*
        struct #name #generics { #marker }

        #(#cfgs)*
        #signature

        #(#cfgs)*
        #lints
        const _: () = { #ffi_check };
    }
}

fn signature_name(entry: &Entry) -> Ident {
    names::own(entry.name())
}

fn conditions(entry: &Entry) -> impl Iterator<Item = &Attribute> {
    entry.method.attrs.iter().filter(|attr| cfg::is_condition(attr))
}

/// The code that all methods share. It binds each entry to the state. After everything that can fail, it puts the entries
/// into their fields.
fn bind_to(ops: &Ops, c_struct: &Type, args: &Args) -> TokenStream {
    let Ops { generics, entries, state, .. } = ops;
    let runtime = &args.runtime;
    let lent = Lifetime::new("'__tramp_lent", Span::mixed_site());
    let (declared, declared_lent) =
        (generics::declared(&with_lifetimes(ops, None)), generics::declared(&with_lifetimes(ops, Some(&lent))));
    let (_, type_generics, _) = generics.split_for_impl();
    let turbofish = type_generics.as_turbofish();
    let has_last = ops.has_last();
    let calls = match has_last {
        true => quote!(LAST),
        false if entries.iter().any(|entry| entry.alone) => quote!(COUNTED),
        false => quote!(SHARED),
    };
    let calls = quote!({ #runtime::__private::#calls });
    let is_shared = entries.iter().any(Entry::is_shared);
    let permits = |state: TokenStream| {
        let shared = is_shared.then(|| quote!(#runtime::__private::Permits<#state, #runtime::__private::Shared> +));
        quote!(#shared #runtime::__private::Permits<#state, #runtime::__private::Exclusive>)
    };
    let (permits, permits_lent) = (permits(quote!(#state)), permits(quote!(&#lent mut #state)));
    let count = entries.len();
    let bound = |index| names::own(format_args!("entry{index}"));
    let bind_all = entries.iter().enumerate().map(|(index, entry)| {
        let (cfgs, bound) = (conditions(entry), bound(index));
        let (name, signature) = (entry.name(), signature_name(entry));
        let arguments = entry.callback.received_names();
        let (borrow, how) = if entry.alone { (quote!(&mut *), quote!(alone)) } else { (quote!(&*), quote!(shared)) };
        let enter = quote!(#runtime::__private::Handle::#how(&__tramp_state));
        let call = if entry.last {
            let call = quote!(<#state>::#name(__tramp_self #(, #arguments)*));
            let call = if entry.method.sig.unsafety.is_some() { quote!(unsafe { #call }) } else { call };
            quote!({
                let (__tramp_self, __tramp_last) = unsafe { #runtime::__private::Handle::last(&__tramp_state) };
                #call
            })
        } else if entry.method.sig.unsafety.is_some() {
            quote!(unsafe { <#state>::#name(#borrow #enter #(, #arguments)*) })
        } else {
            quote!(<#state>::#name(#borrow unsafe { #enter } #(, #arguments)*))
        };
        quote! {
            #(#cfgs)*
            let #bound = {
                let __tramp_state = #runtime::__private::Binder::state(__tramp_binder);
                #runtime::__private::Binder::entry::<#signature #turbofish, _>(__tramp_binder, move |#(#arguments),*| #call)?
            };
        }
    });
    let fill_all = entries.iter().enumerate().map(|(index, entry)| {
        let (cfgs, name, mut bound) = (conditions(entry), entry.name(), bound(index));
        // The span is that of the method, for the error if the field is missing or has another type.
        bound.set_span(bound.span().located_at(name.span()));
        let field = quote_spanned! {Span::call_site().located_at(name.span())=>
            __tramp_ops.#name = #runtime::__private::Field::of(#bound);
        };
        quote! {
            #(#cfgs)*
            {
                #field
            }
        }
    });
    let fill = quote! {
        |__tramp_binder, __tramp_ops| {
            #(#bind_all)*
            #(#fill_all)*
            ::core::result::Result::Ok(())
        }
    };
    let lend = (!has_last).then(|| {
        quote! {
            fn __tramp_lend<#declared_lent __TrampT: #permits_lent, __TrampR>(
                __tramp_state: &#lent mut #state,
                __tramp_ops: #c_struct,
                __tramp_body: impl ::core::ops::FnOnce(*mut #c_struct) -> __TrampR,
                _: #runtime::__private::PhantomData<__TrampT>,
            ) -> ::core::result::Result<__TrampR, #runtime::CreateError<#c_struct>> {
                #runtime::__private::lend_ops::<_, _, __TrampT, #count, #calls, _>(
                    __tramp_state,
                    __tramp_ops,
                    #fill,
                    __tramp_body,
                )
            }
        }
    });
    quote! {
        fn __tramp_bind<#declared __TrampT: #permits>(
            __tramp_state: #state,
            __tramp_ops: #c_struct,
        ) -> ::core::result::Result<#runtime::Ops<#c_struct, __TrampT>, #runtime::CreateError<(#state, #c_struct)>>
        where
            for<'__tramp_bound> #state: 'static,
        {
            #runtime::__private::bind_ops::<_, _, _, #count, #calls>(__tramp_state, __tramp_ops, #fill)
        }

        #lend
    }
}

/// Which threads may call the bound state.
#[derive(Clone, Copy)]
enum Threads {
    Any,
    This,
}

/// `bind` or `bind_local`.
fn bind(ops: &Ops, c_struct: &Type, threads: Threads, args: &Args) -> TokenStream {
    let (vis, runtime) = (ops.vis(), &args.runtime);
    let state = &ops.state;
    let is_shared = ops.entries.iter().any(Entry::is_shared);
    let (method, who, marker) = match threads {
        Threads::Any => ("bind", "any thread", quote!(AnyThread)),
        Threads::This => ("bind_local", "this thread only", quote!(ThisThread)),
    };
    let method = Ident::new(method, Span::call_site());
    let summary = format!(" Binds the struct's callbacks to this state, for calls from {who}.");
    let at_state = Span::mixed_site().located_at(state.span());
    let bounds = match threads {
        Threads::Any if is_shared => quote_spanned!(at_state=> ::core::marker::Send + ::core::marker::Sync + 'static),
        Threads::Any => quote_spanned!(at_state=> ::core::marker::Send + 'static),
        Threads::This => quote_spanned!(at_state=> 'static),
    };
    let state_bound = quote_spanned!(at_state=> for<'__tramp_bound> #state: #bounds);
    quote! {
        #[doc = #summary]
        ///
        /// The other fields are as `ops` has them; so are those of callbacks that the state does not have.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The state and the struct, unchanged, come back in the error.
        #vis fn #method(
            self,
            __tramp_ops: #c_struct,
        ) -> ::core::result::Result<#runtime::Ops<#c_struct, #runtime::#marker>, #runtime::CreateError<(Self, #c_struct)>>
        where
            #state_bound,
        {
            __tramp_bind(self, __tramp_ops)
        }
    }
}

/// `scoped_any` or `scoped`.
fn lend(ops: &Ops, c_struct: &Type, threads: Threads, args: &Args) -> TokenStream {
    let (vis, runtime, state) = (ops.vis(), &args.runtime, &ops.state);
    let is_shared = ops.entries.iter().any(Entry::is_shared);
    let (method, who, marker) = match threads {
        Threads::Any => ("scoped_any", "any thread", quote!(AnyThread)),
        Threads::This => ("scoped", "this thread only", quote!(ThisThread)),
    };
    let method = Ident::new(method, Span::call_site());
    let summary = format!(" Lends the struct's callbacks to C while `body` runs, for calls from {who}.");
    let at_state = Span::mixed_site().located_at(state.span());
    let bounds = match threads {
        Threads::Any if is_shared => Some(quote_spanned!(at_state=> ::core::marker::Send + ::core::marker::Sync)),
        Threads::Any => Some(quote_spanned!(at_state=> ::core::marker::Send)),
        Threads::This => None,
    };
    let bounds = bounds.map(|bounds| quote_spanned!(at_state=> where for<'__tramp_bound> #state: #bounds));
    quote! {
        #[doc = #summary]
        ///
        /// `body` gets the address of the struct, which is valid until it returns or unwinds. The state may borrow, and is as the
        /// calls left it afterwards.
        ///
        /// # Errors
        ///
        /// If no trampoline can be created. The struct, unchanged, comes back in the error, and `body` does not run.
        #vis fn #method<__TrampR>(
            &mut self,
            __tramp_ops: #c_struct,
            __tramp_body: impl ::core::ops::FnOnce(*mut #c_struct) -> __TrampR,
        ) -> ::core::result::Result<__TrampR, #runtime::CreateError<#c_struct>>
        #bounds
        {
            __tramp_lend(self, __tramp_ops, __tramp_body, #runtime::__private::PhantomData::<#runtime::#marker>)
        }
    }
}
