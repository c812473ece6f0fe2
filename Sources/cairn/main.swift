import CairnCLI
import Glibc

exit(Program.main())
