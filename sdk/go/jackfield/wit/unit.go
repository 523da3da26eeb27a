package wit

type Unit struct{}
