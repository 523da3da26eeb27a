module example-router

go 1.24

require go.bytecodealliance.org v0.6.2

tool go.bytecodealliance.org/cmd/wit-bindgen-go
