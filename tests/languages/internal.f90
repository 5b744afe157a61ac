! Internal procedures as arguments in Fortran: internal SITUATION
module used
contains
  subroutine apply(f, n, r)
    interface
      real(8) function f(x)
        real(8), intent(in) :: x
      end function
    end interface
    integer, intent(in) :: n
    real(8), intent(inout) :: r
    integer :: i
    do i = 1, n
      r = r + f(dble(i))
    end do
  end subroutine

  recursive subroutine deep(n, r)
    integer, intent(in) :: n
    real(8), intent(inout) :: r
    call apply(here, 1, r)
    if (n > 0) call deep(n - 1, r)
    call apply(here, 1, r)
  contains
    real(8) function here(x)
      real(8), intent(in) :: x
      here = x + n
    end function
  end subroutine

  subroutine once(k, r)
    real(8), intent(in) :: k
    real(8), intent(inout) :: r
    call apply(scaled, 1, r)
  contains
    real(8) function scaled(x)
      real(8), intent(in) :: x
      scaled = k * x
    end function
  end subroutine
end module

program internal
  use used
  real(8) :: k, r, start, finish, each, least
  integer :: calls, n, i, round
  character(16) :: what
  call get_command_argument(1, what)
  r = 0
  if (what == 'plain') then
    k = 3
    calls = 0
    call apply(counted, 100, r)
    if (r /= 15150 .or. calls /= 100) stop 1
    do i = 1, 1000
      call once(2d0, r)
    end do
    if (r /= 17150) stop 2
  else if (what == 'deep') then
    n = 100000
    call deep(n, r)
    if (r /= (dble(n) * (n + 1) + 2 * (n + 1))) stop 3
  else if (what == 'cost') then
    least = 1e9
    do round = 1, 7
      call cpu_time(start)
      do i = 1, 300000
        call once(2d0, r)
      end do
      call cpu_time(finish)
      each = (finish - start) / 300000 * 1e9
      least = min(least, each)
    end do
    print '(f0.1)', least
  else
    stop 4
  end if
contains
  real(8) function counted(x)
    real(8), intent(in) :: x
    counted = k * x
    calls = calls + 1
  end function
end program
